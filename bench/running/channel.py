"""Messages from a run to a job's process: JSON's types and open files, through a socket that has no name."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LENGTH = struct.Struct("!Q")

_MOST_FILES = 4


def send(channel: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send a message with at most `_MOST_FILES` open files; the receiver gets descriptors of its own.

    Raises
    ------
    OSError
        If the other end is closed.
    """
    text = json.dumps(message).encode()
    socket.send_fds(channel, [_LENGTH.pack(len(text))], [*descriptors])
    channel.sendall(text)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Wait for a message; return it with the descriptors of its files, or None where the other end is closed."""
    head, descriptors, _, _ = socket.recv_fds(channel, _LENGTH.size, _MOST_FILES, socket.MSG_WAITALL)
    if len(head) < _LENGTH.size:
        return None
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    (left,) = _LENGTH.unpack(head)
    parts = []
    while left:
        part = channel.recv(left)
        if not part:
            return None
        parts.append(part)
        left -= len(part)
    return json.loads(b"".join(parts)), descriptors

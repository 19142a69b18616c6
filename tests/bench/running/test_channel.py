"""Messages with open files arrive whole, however long they are; a closed end is no message."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from bench.running.channel import receive, send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_messages_keep_their_order_and_their_files(ends: tuple[socket.socket, socket.socket], tmp_path: Path) -> None:
    ours, theirs = ends
    long = {"text": "x" * 3_000_000}
    (tmp_path / "one").write_text("1")
    with (tmp_path / "one").open() as file:
        writing = threading.Thread(target=lambda: (send(ours, long), send(ours, {"n": 2}, [file.fileno()])))
        writing.start()
        assert receive(theirs) == (long, [])
        message, descriptors = receive(theirs) or ({}, [])
        writing.join()
    assert message == {"n": 2}
    assert not os.get_inheritable(descriptors[0])
    with os.fdopen(descriptors[0]) as file:
        assert file.read() == "1"


@pytest.mark.parametrize("begun", [b"", b"\0\0\0", b"\0\0\0\0\0\0\0\x09{}"])
def test_a_closed_end_is_no_message(ends: tuple[socket.socket, socket.socket], begun: bytes) -> None:
    ours, theirs = ends
    ours.sendall(begun)
    ours.close()
    assert receive(theirs) is None

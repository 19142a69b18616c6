"""Networks of their own on this machine: what runs there sees the host through one cable, which can be cut.

Linux's network namespaces, each joined to one bridge; root makes them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PROGRAMS = ("ip", "unshare", "mount")


@cache
def why_not() -> str:
    """Return why this machine has no such networks; empty where it has."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"there is no program {missing[0]}"
    if os.geteuid() != 0:
        return "networks of their own need root"
    try:
        with Networks() as networks:
            networks.add()
            subprocess.run(
                ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], check=True, capture_output=True
            )
    except (OSError, subprocess.CalledProcessError) as error:
        return f"the system does not allow networks of their own ({error})"
    return ""


@dataclass(frozen=True)
class Apart:
    """One network, with an address of its own."""

    name: str
    cable: str
    address: str

    def cut(self) -> None:
        """Cut its cable: packets get lost without a word, as in a network that fails."""
        _ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        """Mend its cable."""
        _ip("link", "set", self.cable, "up")

    def command(self, command: Sequence[str], disks: Mapping[Path, str] | None = None) -> list[str]:
        """Return what runs a command there.

        Parameters
        ----------
        disks
            Folders that are an empty disk of its own for the command, and how large it is: ``"4m"``.
        """
        mounts = [f"mount -t tmpfs -o size={size} none {folder}" for folder, size in (disks or {}).items()]
        script = " && ".join([*mounts, 'exec "$@"'])
        return ["ip", "netns", "exec", self.name, "unshare", "--mount", "sh", "-c", script, "sh", *command]


class Networks:
    """A bridge of this machine, and the networks that are joined to it.

    Attributes
    ----------
    host
        The address of this machine on the bridge.
    """

    def __init__(self) -> None:
        # Processes that run at the same time have different numbers, and so different names and addresses.
        number = os.getpid() % (64 * 250)
        self._prefix = f"rb{os.getpid():x}"
        self._subnet = f"10.{64 + number // 250}.{number % 250}"
        self._bridge = f"{self._prefix}b"
        self._made: list[Apart] = []
        self.host = f"{self._subnet}.1"

    def __enter__(self) -> Self:
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.host}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        return self

    def __exit__(self, *_: object) -> None:
        for made in self._made:
            _ip("netns", "del", made.name)
        _ip("link", "del", self._bridge)

    def add(self) -> Apart:
        """Return a new network."""
        number = len(self._made) + 2
        made = Apart(f"{self._prefix}-{number}", f"{self._prefix}v{number}", f"{self._subnet}.{number}")
        _ip("netns", "add", made.name)
        self._made.append(made)
        _ip("link", "add", made.cable, "type", "veth", "peer", "name", "eth0", "netns", made.name)
        _ip("link", "set", made.cable, "master", self._bridge, "up")
        _ip("-n", made.name, "addr", "add", f"{made.address}/24", "dev", "eth0")
        for link in ("eth0", "lo"):
            _ip("-n", made.name, "link", "set", link, "up")
        return made


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)

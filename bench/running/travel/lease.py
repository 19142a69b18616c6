"""A worker's job ends when its driver is gone: the lease of a job, which the driver keeps renewing."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING, Protocol

from bench.running.travel.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RENEWED_SECONDS = 5.0
"""How often a driver renews a lease."""

PATIENCE_SECONDS = 40.0
"""After how many seconds without a renewal a worker takes its driver for gone."""

LOOK_SECONDS = 1.0
"""How often a worker looks."""


class Lease(Protocol):
    """Whether the driver still wants a job."""

    def is_held(self) -> bool:
        """Return False once the driver is gone, or has stopped the job."""
        ...


class NoDriver:
    """The lease of a job that has no driver, as of `recbench work`."""

    def is_held(self) -> bool:
        """Return True."""
        return True


class ParentLease:
    """Held while the process that started this one lives: it is then still its parent."""

    def __init__(self) -> None:
        self._parent = os.getppid()

    def is_held(self) -> bool:
        """See `Lease`."""
        return os.getppid() == self._parent


class FileLease:
    """Held while the driver renews a file (see `renewed`); the clocks of the two machines are not compared.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path, patience: float = PATIENCE_SECONDS) -> None:
        self._path, self._patience = path, patience
        self._content, self._seen = self._read(), time.monotonic()

    def is_held(self) -> bool:
        """See `Lease`; a file that is removed ends it at once."""
        content = self._read()
        if content is None:
            return False
        if content != self._content:
            self._content, self._seen = content, time.monotonic()
        return time.monotonic() - self._seen < self._patience

    def _read(self) -> bytes | None:
        """Return what the file holds; None where it is gone, and what it held where it cannot be read just now."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            return getattr(self, "_content", b"")


class FileRenewal:
    """Renews a file until it is withdrawn, or this process ends.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._ended = path, threading.Event()
        self._renew(0)
        threading.Thread(target=self._keep_renewing, daemon=True).start()

    def withdraw(self) -> None:
        """Let all jobs of the lease end."""
        self._ended.set()
        self._path.unlink(missing_ok=True)

    def _keep_renewing(self) -> None:
        number = 0
        while not self._ended.wait(RENEWED_SECONDS):
            number += 1
            # A disk that is full or away for a moment costs a renewal, and workers wait for several.
            with contextlib.suppress(OSError):
                self._renew(number)
            if self._ended.is_set():
                self._path.unlink(missing_ok=True)

    def _renew(self, number: int) -> None:
        write_whole(self._path, [f"{os.getpid()} {number}\n".encode()])


@contextlib.contextmanager
def ending_with(lease: Lease, end: Callable[[], None]) -> Iterator[None]:
    """Call ``end``, once, if a lease is lost while the block runs."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(LOOK_SECONDS):
            if not lease.is_held():
                end()
                return

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()

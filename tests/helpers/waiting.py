"""Waiting for what other processes do, as long as a busy machine may need."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from protocol.processes.descendants import stat_fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAIT_SECONDS = 200.0
"""Less than a test may take (`timeout` in pyproject.toml), so that a test says itself that it waited in vain."""


def wait_until(condition: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
    """Wait until a condition holds; the test fails if it does not within some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def is_alive(pid: int | str) -> bool:
    """Return whether a process runs; one that has ended and was not waited for does not."""
    return stat_fields(pid)[:1] not in ([], ["Z"])


def is_written(mark: Path) -> bool:
    """Return whether a file holds a whole line; a file is there before what is in it."""
    return mark.exists() and mark.read_text().endswith("\n")


def live_processes(mark: Path) -> list[int]:
    """Return which of the processes run whose numbers are in a file."""
    return [int(pid) for pid in mark.read_text().split() if is_alive(pid)]

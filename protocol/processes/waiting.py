"""Wait until open files can be read from, whatever their numbers: select(2) knows none from 1024 on."""

from __future__ import annotations

import select

_LONGEST = 2**31 - 1
"""The most milliseconds that poll(2) takes."""


def readable(*files: int, seconds: float | None = None) -> set[int]:
    """Return those of some open files that can be read from, or whose other end is closed; wait until there is one.

    Parameters
    ----------
    seconds
        How long to wait, but no longer than 24 days; None for as long as it takes.
    """
    waiting = select.poll()
    for file in files:
        waiting.register(file, select.POLLIN)
    return {file for file, _ in waiting.poll(None if seconds is None else min(1000 * seconds, _LONGEST))}

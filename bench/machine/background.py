"""Whether what a call started goes on working after the call has returned; Linux alone tells."""

from __future__ import annotations

import os
import threading
import time

from protocol.processes.descendants import descendants, stat_fields
from protocol.processes.keeper import KEEPS

WINDOW_SECONDS = 0.2
"""How long it is watched. Only what left something behind is: most calls take no time here."""

SHARE = 0.1
"""The share of one core that is work; what waits for something to do uses none. A busy machine leaves little."""

_USER_AND_SYSTEM = slice(11, 13)
"""utime and stime among the fields of `protocol.processes.descendants.stat_fields`."""


class Background:
    """What is started from now on: threads of Python, and processes."""

    def __init__(self) -> None:
        self._before = _others()

    def works(self) -> bool | None:
        """Return whether something that was started since works now; None where the system does not tell."""
        if not KEEPS:
            return None
        started = _others() - self._before
        if not started:
            return False
        before = {each: _ticks(each) for each in started}
        time.sleep(WINDOW_SECONDS)
        used = sum(max(0, _ticks(each) - ticks) for each, ticks in before.items())
        return used >= SHARE * WINDOW_SECONDS * os.sysconf("SC_CLK_TCK")


def _others() -> set[str]:
    """Return the threads of this process but the calling one, and its descendants, as Linux lists them."""
    own = threading.get_native_id()
    threads = {f"self/task/{thread.native_id}" for thread in threading.enumerate() if thread.native_id != own}
    return threads | set(map(str, descendants(os.getpid())))


def _ticks(process: str) -> int:
    """Return the processor time of a thread or a process; 0 if it has ended."""
    return sum(map(int, stat_fields(process)[_USER_AND_SYSTEM]))

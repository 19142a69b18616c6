"""Peak memory of this process and of those that it starts, in MiB."""

from __future__ import annotations

import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""What makes Linux forget the peak so far (proc(5), clear_refs)."""


class PeakMemory:
    """The peak from now on.

    Attributes
    ----------
    before_mib
        What this process uses now.
    """

    def __init__(self) -> None:
        reset_peak()
        self.before_mib = peak_mib()
        self._children_before = children_mib()

    def mib(self) -> float:
        """Return the peak of the largest process so far: this one, or one that it has started and waited for.

        What was started before is not told apart from what is no larger.
        """
        children = children_mib()
        return max(peak_mib(), children if children > self._children_before else 0.0)


def reset_peak() -> bool:
    """Let the peak begin anew from what is used now; return whether the system can."""
    try:
        _RESET.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def peak_mib() -> float:
    """Return the largest resident set since `reset_peak`.

    It is the process's own on Linux (``VmHWM``). Elsewhere it is ``ru_maxrss``, which cannot be reset.
    """
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return _maximum_resident_mib()
    kib = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kib / 2**10


def children_mib() -> float:
    """Return the largest resident set of any process that this one, or such a process, has started and waited for."""
    import resource

    return _in_mib(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _maximum_resident_mib() -> float:
    import resource

    return _in_mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _in_mib(used: int) -> float:
    return used / (2**20 if sys.platform == "darwin" else 2**10)

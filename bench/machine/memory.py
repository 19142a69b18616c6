"""Memory: the peak of this process and of those that it starts, in MiB, and amounts as people write them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from protocol.errors import ProtocolError

_UNITS = {
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGT", 1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
}

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""The value that makes Linux forget the peak so far (proc(5), clear_refs)."""


class PeakMemory:
    """The peak of resident memory since this object was made, in MiB.

    Attributes
    ----------
    before_mib
        What this process used when this object was made.
    """

    def __init__(self) -> None:
        reset_peak()
        self.before_mib = peak_mib()
        self._children_before = children_mib()

    def mib(self) -> float:
        """Return the peak of the largest process so far: this one, or one that it has started and waited for.

        A process that it has started counts only if it is larger than all those started before this object was made:
        the system keeps their largest peak alone.
        """
        children = children_mib()
        return max(peak_mib(), children if children > self._children_before else 0.0)


def reset_peak() -> bool:
    """Start the peak again from what is used now; return whether the system can."""
    try:
        _RESET.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def peak_mib() -> float:
    """Return the largest resident set since `reset_peak`.

    On Linux it is ``VmHWM``, which psutil does not read and which belongs to this process alone. Elsewhere it is
    ``ru_maxrss``, which cannot be reset.
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


def parse_size(text: str) -> int:
    """Return bytes: ``4GiB`` -> 4 * 1024^3, ``500MB`` -> 500 * 1000^2.

    Raises
    ------
    ProtocolError
        If it is no amount above 0 with a unit.
    """
    parts = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?([kKMGT]i?B)", text)
    size = int(float(parts[1]) * _UNITS.get(parts[2], 0)) if parts else 0
    if size < 1:
        raise ProtocolError(f"{text!r} is no amount of memory; write 4GiB or 500MB")
    return size


def size_text(n_bytes: int) -> str:
    """Return an amount for reading: ``3.9 GiB``, ``512 MiB``."""
    unit, size = ("GiB", 2**30) if n_bytes >= 2**30 else ("MiB", 2**20)
    amount = n_bytes / size
    return f"{amount:.0f} {unit}" if amount >= 100 else f"{amount:.3g} {unit}"


def _maximum_resident_mib() -> float:
    import resource

    return _in_mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _in_mib(used: int) -> float:
    return used / (2**20 if sys.platform == "darwin" else 2**10)

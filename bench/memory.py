"""Peak memory of this process, in MiB."""

from __future__ import annotations

import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""What makes Linux forget the peak so far (proc(5), clear_refs)."""


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


def _maximum_resident_mib() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)

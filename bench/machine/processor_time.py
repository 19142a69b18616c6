"""The processor time of this process and of all that it started."""

from __future__ import annotations

import os
import resource
import time
from typing import TYPE_CHECKING

from bench.machine.job_mark import MARK
from protocol.processes.descendants import descendants, stat_fields
from protocol.processes.keeper import KEEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

_OWN_AND_CHILDREN = slice(11, 15)
"""utime, stime, cutime and cstime among the fields of `protocol.processes.descendants.stat_fields`."""


def processor_seconds() -> float:
    """Return the processor time, in seconds, of this process and of all that it started.

    Those that have ended count once they were waited for; those that still run count where jobs have keepers, to a
    hundredth of a second, and so do those of a job that it lost sight of, which its keeper waits for.
    """
    waited_for = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + waited_for.ru_utime + waited_for.ru_stime
    return seconds + (_seconds_of_others() if KEEPS else 0.0)


def _seconds_of_others() -> float:
    """Return the processor time of the other processes of the job, the keeper and what it waited for included."""
    this, keeper = os.getpid(), os.getppid() if MARK in os.environ else None
    return _seconds_of({*descendants(this), *([keeper, *descendants(keeper)] if keeper else [])} - {this})


def seconds_below(keeper: int) -> float:
    """Return the processor time, in seconds, of a job's keeper and of all below it; 0 where jobs have no keepers."""
    return _seconds_of([keeper, *descendants(keeper)]) if KEEPS else 0.0


def _seconds_of(processes: Iterable[int]) -> float:
    """Return the processor time of processes and of those that they have waited for."""
    ticks = (int(field) for pid in processes for field in stat_fields(pid)[_OWN_AND_CHILDREN])
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def usable_cores() -> int | None:
    """Return the number of logical cores that this process may use; None where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None

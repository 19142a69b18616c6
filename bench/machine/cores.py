"""The cores that a job is held to: no two jobs of recbench on a machine get the same, whichever runs they belong to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from bench.machine.environment import siblings, siblings_file

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class HeldCores:
    """Logical cores that one job has, until it gives them back or this process ends.

    Parameters
    ----------
    numbers
        Of the cores; empty where the job may run on all.
    """

    numbers: frozenset[int] = frozenset()
    _locked: tuple[IO[bytes], ...] = field(default=(), repr=False)

    def give_back(self) -> None:
        """Let other jobs have the cores."""
        for file in self._locked:
            file.close()


def hold_cores(n_threads: int) -> HeldCores:
    """Return as many cores as a job has threads, on as many physical ones as there are.

    None are held where the job may use all cores anyway, too few are free, or the system cannot hold a process to
    cores: the scheduler then places the job as it places others.
    """
    if not hasattr(os, "sched_setaffinity"):
        return HeldCores()
    usable = os.sched_getaffinity(0)
    if n_threads >= len(usable):
        return HeldCores()
    locked: dict[int, IO[bytes]] = {}
    for core in _one_of_each_first(usable):
        if len(locked) < n_threads and (file := _lock(core)) is not None:
            locked[core] = file
    held = HeldCores(frozenset(locked), tuple(locked.values()))
    if len(locked) == n_threads:
        return held
    held.give_back()
    return HeldCores()


def _one_of_each_first(usable: set[int]) -> Iterator[int]:
    """Yield the first logical core of each physical one, then the others; the last numbers first.

    The system itself works on the first cores more than on others.
    """
    physical: dict[str, list[int]] = {}
    for core in sorted(usable, reverse=True):
        physical.setdefault(siblings(core), []).append(core)
    yield from (cores[0] for cores in physical.values())
    yield from (core for cores in physical.values() for core in cores[1:])


def _lock(core: int) -> IO[bytes] | None:
    """Lock the system's description of a core, which all processes can read; None if another job has it."""
    import fcntl

    try:
        file = siblings_file(core).open("rb")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file

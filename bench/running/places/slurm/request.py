"""What each job of a run gets from Slurm: what the user asks for, with room above the limits that recbench keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.machine.memory import size_text
from bench.running.supervisor import SAVING_SECONDS, Limits
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.running.places.place import RunOfJobs
    from bench.running.places.slurm.wishes import Wishes

START_SECONDS = 300.0
"""What Slurm gives a job beyond its own time, to load Python and the data and to leave its record."""

OWN_MEMORY = 2**29
"""Bytes that Slurm gives a job beyond its own limit, for the process that watches it."""


@dataclass(frozen=True)
class Request:
    """What each job of a run gets from Slurm.

    Parameters
    ----------
    wishes
        Of the user.
    cpus
        Cores of a job.
    time
        Minutes.
    memory
        Bytes; None for what the cluster gives.
    """

    wishes: Wishes
    cpus: int
    time: int
    memory: int | None

    def parameters(self, exclude: Iterable[str]) -> dict[str, Any]:
        """Return submitit's parameters.

        Parameters
        ----------
        exclude
            Nodes on which the jobs may not run, besides those that the user excludes.
        """
        found = {**self.wishes.others, "cpus_per_task": self.cpus, "time": self.time}
        if self.memory is not None:
            found["mem"] = f"{-(-self.memory // 2**20)}M"
        if nodes := self.excluded(exclude):
            found["exclude"] = nodes
        # Slurm would start a job again by itself: this run does that, and counts.
        return {**found, "use_srun": False, "additional_parameters": {"no-requeue": True}}

    def excluded(self, nodes: Iterable[str]) -> str:
        """Return some nodes, and those that the user excludes, as Slurm writes them."""
        return ",".join([*filter(None, [self.wishes.others.get("exclude")]), *sorted(nodes)])

    def limit_text(self, kind: str) -> str:
        """Return a limit of Slurm's: ``"timeout"`` or ``"memory"``."""
        if kind == "timeout":
            return f"{self.time} minutes"
        return "that of the cluster" if self.memory is None else size_text(self.memory)


def request_of(wishes: Wishes, run: RunOfJobs) -> Request:
    """Return what each job of a run gets.

    Raises
    ------
    ProtocolError
        If the user asks for less than the jobs may take.
    """
    threads = max((job.threads for job in run.jobs), default=1)
    cpus = threads if wishes.cpus is None else wishes.cpus
    if cpus < threads:
        raise ProtocolError(f"slurm: cpus={cpus} is less than the {threads} threads of a job; give --threads {cpus}")
    most = run.limits.seconds + START_SECONDS + (SAVING_SECONDS if run.models is not None else 0.0)
    needed = math.ceil(most / 60)
    if wishes.time is not None and wishes.time < needed:
        fitting = wishes.time * 60 - (most - run.limits.seconds)
        advice = f", or --timeout {fitting:g} or less" if fitting > 0 else ""
        raise ProtocolError(
            f"slurm: time={wishes.time} (minutes) is too short: a job may take {run.limits.seconds:g} s (--timeout) "
            f"and {most - run.limits.seconds:g} s around them; write time={needed} or more{advice}"
        )
    return Request(wishes, cpus, wishes.time or needed, _memory(wishes, run.limits))


def limits_within(wishes: Wishes, limits: Limits) -> Limits:
    """Return the limits that recbench keeps; it stops a job before Slurm does, because it can say what happened."""
    if limits.memory is not None or wishes.memory is None:
        return limits
    return replace(limits, memory=max(wishes.memory - OWN_MEMORY, wishes.memory // 2))


def _memory(wishes: Wishes, limits: Limits) -> int | None:
    """Return the bytes that Slurm gives a job."""
    needed = None if limits.memory is None else limits.memory + OWN_MEMORY
    if needed is not None and wishes.memory is not None and wishes.memory < needed:
        raise ProtocolError(
            f"slurm: mem={size_text(wishes.memory)} is less than a job may take: {size_text(needed)}, of which "
            f"{size_text(OWN_MEMORY)} are for watching it; ask for more, or lower --memory"
        )
    return wishes.memory or needed

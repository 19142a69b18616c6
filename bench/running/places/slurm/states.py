"""The states of Slurm's jobs, and what each means for a job of ours that has given no answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WAITS_OR_RUNS = frozenset(
    {
        "PENDING",
        "CONFIGURING",
        "RUNNING",
        "SUSPENDED",
        "STOPPED",
        "SIGNALING",
        "RESIZING",
        "COMPLETING",
        "STAGE_OUT",
        "REQUEUED",
        "REQUEUE_HOLD",
        "REQUEUE_FED",
        "RESV_DEL_HOLD",
        "SPECIAL_EXIT",
    }
)
"""The states of jobs that are not over."""


@dataclass(frozen=True)
class End:
    """How a job ended that gave no answer.

    Parameters
    ----------
    words
        What happened.
    kind
        Of the failure that it is (see `bench.records.outcome.Failure`); None where the job is tried elsewhere.
    advice
        What the user can do about a failure.
    """

    words: str
    kind: str | None = None
    advice: str = ""


ENDS: Mapping[str, End] = {
    "NODE_FAIL": End("its node failed"),
    "BOOT_FAIL": End("its node did not boot"),
    "PREEMPTED": End("it was preempted"),
    "REVOKED": End("it was moved to another cluster"),
    "CANCELLED": End("it was cancelled"),
    "DEADLINE": End("it was cancelled at its deadline"),
    "FAILED": End("its worker died"),
    "COMPLETED": End("its worker ended without an answer"),
    "TIMEOUT": End("Slurm stopped it at its time limit", "timeout", "ask for more with slurm:time="),
    "OUT_OF_MEMORY": End("Slurm stopped it at its memory limit", "memory", "ask for more with slurm:mem="),
}
"""By Slurm's name of the state."""

GONE = End("Slurm does not know it any more")
"""Of a job that is not in the queue."""


def end_of(state: str | None) -> End:
    """Return how a job ended; ``state`` is None where the queue does not have it."""
    return GONE if state is None else ENDS.get(state, End(f"Slurm says {state}"))


NEVER = frozenset(
    {
        "PartitionConfig",
        "PartitionTimeLimit",
        "PartitionNodeLimit",
        "PartitionDown",
        "PartitionInactive",
        "BadConstraints",
        "InvalidAccount",
        "InvalidQOS",
        "QOSNotAllowed",
        "AccountNotAllowed",
        "JobHeldAdmin",
        "JobHeldUser",
        "launch failed requeued held",
        "AssocMaxWallDurationPerJobLimit",
        "QOSMaxWallDurationPerJobLimit",
        "AssocMaxCpuPerJobLimit",
        "QOSMaxCpuPerJobLimit",
        "AssocMaxMemPerJob",
        "QOSMaxMemoryPerJob",
        "ReservationDeleted",
    }
)
"""Reasons for which a job waits until a person changes something; the user gets to know."""

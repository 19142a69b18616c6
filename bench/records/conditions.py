"""What the times of a job depend on beside its code: only times under equal conditions can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.records.record import Record

MACHINE: Mapping[str, Callable[[Any], str]] = {
    "cpu": str,
    "cores": lambda n: "1 core" if n == 1 else f"{n} cores",
    "memory_gib": lambda n: f"{n} GiB",
    "system": str,
    "blas": str,
    "instructions": str,
}
"""What two machines of one kind have in common: fields of `bench.records.environment.Environment`, with their words."""


@dataclass(frozen=True)
class Conditions:
    """Under what a job was timed; two machines with another host name alone are equal.

    Parameters
    ----------
    cpu, cores, memory_gib, system, blas, instructions
        See `MACHINE`.
    device
        Where it computed, if that was not the processor (see `bench.records.device.RecordedDevice.machine`).
    threads
        That it could use.
    at_once
        See `jobs_at_once`.
    standstill_seconds
        For how long the job stood still at the most, which may be in its times.
    """

    cpu: str | None
    cores: int | None
    memory_gib: int | None
    system: str | None
    blas: str | None
    instructions: str | None
    device: str | None
    threads: int | None
    at_once: int | None
    standstill_seconds: float


def conditions_of(record: Record) -> Conditions | None:
    """Return under what a job was timed; None for a failure, and for scores of another program."""
    environment, times = record.environment, record.time
    is_timed = times.fit_seconds is not None or times.score_us_per_user is not None
    if record.failed or not is_timed or not environment.is_known:
        return None
    return Conditions(
        **{name: getattr(environment, name) for name in MACHINE},
        device=record.device.machine if record.device else None,
        threads=record.threads,
        at_once=jobs_at_once(record),
        standstill_seconds=record.usage.standstill_seconds if record.usage else 0.0,
    )


def jobs_at_once(record: Record) -> int | None:
    """Return how many jobs the machine of a record worked on at the same time; None where its place did not know.

    Records of earlier versions do not say so, and count as 1.
    """
    at_once = record.usage.at_once if record.usage else None
    return 1 if at_once is None else at_once or None


def kind_of_machine(environment: Mapping[str, Any]) -> str:
    """Return the kind of a machine in words; two machines of one kind have the same words.

    Parameters
    ----------
    environment
        See `bench.machine.environment.describe_environment`; what it lacks is not known.
    """
    known = {name: environment.get(name) for name in MACHINE}
    return ", ".join(f"{name} not known" if value is None else MACHINE[name](value) for name, value in known.items())

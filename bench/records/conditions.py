"""What the times of a job depend on beside its code: only times under equal conditions can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.records.record import Record


@dataclass(frozen=True)
class Conditions:
    """Under what a job was timed; two machines with another host name alone are equal.

    Parameters
    ----------
    cpu, cores, memory_gib, system, blas, instructions
        See `bench.records.environment.Environment`.
    device
        Where it computed, if that was not the processor (see `bench.records.device.RecordedDevice.machine`).
    threads
        That it could use.
    at_once
        How many jobs the machine worked on at the same time; 1 where no record says so.
    """

    cpu: str | None
    cores: int | None
    memory_gib: int | None
    system: str | None
    blas: str | None
    instructions: str | None
    device: str | None
    threads: int | None
    at_once: int


def conditions_of(record: Record) -> Conditions | None:
    """Return under what a job was timed; None for a failure, and for scores of another program."""
    environment, times = record.environment, record.time
    is_timed = times.fit_seconds is not None or times.score_us_per_user is not None
    if record.failed or not is_timed or not environment.is_known:
        return None
    return Conditions(
        cpu=environment.cpu,
        cores=environment.cores,
        memory_gib=environment.memory_gib,
        system=environment.system,
        blas=environment.blas,
        instructions=environment.instructions,
        device=record.device.machine if record.device else None,
        threads=record.threads,
        at_once=jobs_at_once(record),
    )


def jobs_at_once(record: Record) -> int:
    """Return how many jobs the machine of a record worked on at the same time; 1 where it does not say so."""
    return (record.usage.at_once if record.usage else None) or 1

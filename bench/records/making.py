"""Documents of records, made of what went into a job and what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.records.capping import capped_curve, capped_failure, capped_selection, capped_warnings
from bench.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.records.device import DeviceUse
    from bench.records.outcome import EpochLine, Failure, Memory, Probed, Selection, Times, Usage


def complete_document(
    inputs: Mapping[str, Any],
    *,
    failure: Failure | None = None,
    selection: Selection | None = None,
    curve: Sequence[EpochLine] = (),
    time: Times | None = None,
    memory: Memory | None = None,
    usage: Usage | None = None,
    device_use: DeviceUse | None = None,
    probe: Probed | None = None,
    random_draws: bool | None = None,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a record's document; messages and curves that are too long are capped (see `bench.records.capping`).

    Parameters
    ----------
    inputs
        What went into the job, in JSON's types: the document as far as it is known before the job runs (see
        `bench.running.plan.Job.document`).
    """
    outcome: dict[str, Any] = {
        "status": "failed" if failure else "ok",
        "failure": capped_failure(failure) if failure else None,
        "selection": capped_selection(selection) if selection else None,
        "curve": capped_curve(curve),
        "time": time,
        "memory": memory,
        "usage": usage,
        **({"device_use": device_use} if device_use else {}),
        **({"probe": probe} if probe else {}),
        **({"random_draws": random_draws} if random_draws is not None else {}),
        **({"warnings": capped_warnings(warnings)} if warnings else {}),
        "files": {},
    }
    return {**inputs, **to_builtins(outcome)}


def failed_record(inputs: Mapping[str, Any], failure: Failure) -> Record:
    """Return the record of a job that failed; for ``inputs`` see `complete_document`."""
    return Record(complete_document(inputs, failure=failure))

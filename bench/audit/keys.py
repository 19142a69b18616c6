"""The keys that a record may have, computed again from what it says went into its job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.inputs import job_key

if TYPE_CHECKING:
    from bench.records.record import Record


def own_validation(record: Record) -> str | None:
    """Return the digest of the validation task of a record that is of that very task, or of none."""
    return None if record.patience is None else record.task.digest


def possible_keys(record: Record, validation: str | None) -> set[str]:
    """Return what a record's key may be; without ranks it is unknown whether the catalogue was to be ranked."""
    return {
        job_key(
            record.recommender,
            task=record.task.digest,
            validation=validation,
            patience=record.patience,
            full=full,
            seed=record.seed,
            threads=record.threads,
            versions=record.environment.versions,
            instructions=record.environment.instructions,
            device=record.device,
        )
        for full in ((False, True) if record.failed else (record.full_ranks is not None,))
    }

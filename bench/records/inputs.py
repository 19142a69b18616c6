"""The input of a job: as its record names it, and as its key covers it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from msgspec import convert

from bench.records.task import Facts, Parts, RecordedTask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.records.device import RecordedDevice
    from bench.records.recommender import RecordedRecommender
    from protocol.tasks.task import Task

SCHEMA = 1
"""Of ``record.json``; it rises whenever a reader of the old form would misread the new one."""


def job_key(
    recommender: RecordedRecommender,
    *,
    task: str,
    validation: str | None,
    patience: int | None,
    full: bool,
    seed: int,
    threads: int | None,
    versions: Mapping[str, str],
    instructions: str | None,
    device: RecordedDevice | None = None,
) -> str:
    """Return a job's key from what its record says of it.

    Parameters
    ----------
    recommender
        Its label and its origin change nothing.
    task, validation
        Digests.
    instructions
        Of the processor. They are left out if the recommender's figures do not depend on them, and if None: records
        made before they were recorded do not name them.
    device
        None for the processor with ordinary arithmetic.
    """
    inputs: dict[str, Any] = {
        "schema": SCHEMA,
        "task": task,
        "validation": validation,
        "patience": patience,
        "full": full,
        "recommender": recommender.name,
        "class": recommender.reference.rpartition(":")[2],
        "source": recommender.source_sha256,
        "parameters": recommender.parameters,
        "seed": seed,
        "threads": threads,
        "versions": {**versions, **recommender.libraries},
    }
    if instructions is not None and not recommender.processor_independent:
        inputs["instructions"] = instructions
    if device is not None:
        inputs["device"] = device.deciding
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def recorded_task(task: Task) -> RecordedTask:
    """Return what a record says of its task."""
    return RecordedTask(task.digest, task.purpose, Parts(**task.parts), task.dataset, convert(task.facts, Facts))

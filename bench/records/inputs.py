"""What goes into a job, as its record says it and its key covers it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from bench.records.store import SCHEMA, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.tasks.task import Task


def job_key(
    recommender: Mapping[str, Any],
    *,
    task: str,
    validation: str | None,
    patience: int | None,
    full: bool,
    seed: int,
    threads: int | None,
    versions: Mapping[str, str],
) -> str:
    """Return a job's key from what its record says of it.

    Parameters
    ----------
    recommender
        As in `Job.document`; label and origin have no say.
    task, validation
        Digests.
    """
    inputs = {
        "schema": SCHEMA,
        "task": task,
        "validation": validation,
        "patience": patience,
        "full": full,
        "recommender": recommender["name"],
        "class": recommender["reference"].rpartition(":")[2],
        "source": recommender["source_sha256"],
        "parameters": recommender["parameters"],
        "seed": seed,
        "threads": threads,
        "versions": {**versions, **recommender.get("libraries", {})},
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def task_document(task: Task) -> dict[str, Any]:
    """Return what a record says of its task, in JSON's types."""
    return {
        "digest": task.digest,
        "purpose": task.purpose,
        "parts": task.parts,
        "dataset": task.dataset,
        "facts": task.facts,
    }


def failed_record(document: Mapping[str, Any], failure: Mapping[str, Any]) -> Record:
    """Return the record of a job that failed.

    Parameters
    ----------
    failure
        ``kind`` (``"raised"``, ``"timeout"``, ``"died"``, ``"scores"`` or ``"memory"``), ``message``, one line,
        ``detail``, and where it was stopped, for its time or its memory, the ``seconds`` that it had taken.
    """
    return Record(complete_document(document, {"status": "failed", "failure": dict(failure)}))


def complete_document(document: Mapping[str, Any], outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's document: what went in, and what came out, with nothing where nothing was found."""
    nothing: dict[str, Any] = {
        "status": "ok",
        "failure": None,
        "selection": None,
        "curve": [],
        "time": None,
        "memory": None,
    }
    return {**document, **nothing, **outcome}

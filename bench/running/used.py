"""What a job really used, noted in its record; and what of it has changed since."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.running.measuring import forget, go_on, run_job
from recommenders import registry
from recommenders.registry.used.changes import changes
from recommenders.registry.used.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.records.record import Record
    from bench.running.measuring import OnEvent, OnMeasured
    from bench.running.plan import Job
    from bench.running.supply import Supply


def run_and_note(
    spec: Mapping[str, Any],
    supply: Supply,
    on_event: OnEvent,
    on_measured: OnMeasured = forget,
    on_loaded: Callable[[], None] = go_on,
) -> Record:
    """Run a job (see `bench.running.measuring.run_job`), and note in its record what it used.

    All that a built-in uses is in its key already, and a failure is tried again whatever it used.
    """
    entry = registry.Entry(**spec["entry"])
    if entry.origin == registry.BUILT_IN:
        return run_job(spec, supply, on_event, on_measured, on_loaded)
    texts = [value for value in spec["document"]["recommender"]["parameters"].values() if isinstance(value, str)]
    with contextlib.chdir(spec["folder"]):
        roots = registry.roots_of(entry)
    view = spec.get("view")
    shown = {Path(view["at"]): Path(view["base"])} if view else {}
    with Recording.of(roots, texts, shown) as recording:
        record = run_job(spec, supply, on_event, on_measured, on_loaded)
    if record.failed:
        return record
    return replace(record, document={**record.document, "used": to_builtins(recording.used())})


def changes_since(record: Record, job: Job) -> list[str]:
    """Return what is different now from what a stored record of a job used; empty where all is the same."""
    used, entry = record.used, job.choice.entry
    if used is not None:
        return changes(used, registry.roots_of(entry))
    # Older records of our own recommenders name all that they use: it is in their key.
    return [] if registry.is_ours(entry.origin) else ["its record does not say what it used"]

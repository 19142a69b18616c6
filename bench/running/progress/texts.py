"""The words that progress uses for a job: at its beginning, after each epoch, at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.records.compared import compared_ranks
from bench.writing.text import accuracy_text, amount_text, printable
from protocol.evaluation.metrics import ndcg
from protocol.scratch import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.records.record import Record

Event = dict[str, Any]
"""An event that a job's process reports: ``phase`` (``"selection"``, ``"fit"``, ``"score"`` or ``"save"``) and, after
an epoch, its line of the learning curve and ``epochs``, the largest number of epochs; None if that is unknown."""

DOING = {"selection": "validating", "fit": "fitting", "score": "scoring", "save": "saving"}


def opening(n_jobs: int, n_stored: int, folder: Path, n_more: int | None = 0) -> str:
    """Return what is to be done: "3 jobs are stored in runs/ml-100k already; 7 jobs to run".

    Parameters
    ----------
    folder
        Where records go; nothing is kept of a scratch folder.
    n_more
        How many may follow on the first ones; None where that is not known.
    """
    to_run, place = _to_run_text(n_jobs, n_more), printable(str(folder))
    if folder.name.startswith(PREFIX):
        return f"{to_run}; no record is kept"
    if not n_stored:
        return f"{to_run}; records go to {place}"
    return f"{n_stored} job{' is' if n_stored == 1 else 's are'} stored in {place} already; {to_run}"


def _to_run_text(n_jobs: int, n_more: int | None) -> str:
    """Return ``7 jobs to run``, ``at most 24 jobs to run``, or that the number is not known."""
    if not n_jobs:
        return "no jobs to run"
    if n_more is None:
        return "jobs run until the budget is spent"
    n_all = n_jobs + n_more
    return f"{'at most ' if n_more else ''}{n_all} job{'' if n_all == 1 else 's'} to run"


def epoch_text(event: Mapping[str, Any]) -> str:
    """Return where a job is: "fitting, epoch 3 of 30, loss 0.412, 5 s left"."""
    most = f" of {event['epochs']}" if event["epochs"] else ""
    return ", ".join((DOING[event["phase"]], f"epoch {event['epoch']}{most}", *_figures(event), *_left(event)))


def state_texts(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an epoch shows beside its bar, in all words and in fewer; a validation is shown by its score."""
    doing, figures = DOING[event["phase"]], list(_figures(event))
    return ", ".join((doing, *figures)), ", ".join(figures or [doing])


def seconds_left(event: Mapping[str, Any]) -> float | None:
    """Return how long the epochs of a phase will still take, at most; None where their number is not known."""
    if not event["epochs"]:
        return None
    return float(event["seconds"] / event["epoch"] * (event["epochs"] - event["epoch"]))


def _left(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield the time left, if known; a selection may stop earlier."""
    left = seconds_left(event)
    if left is not None:
        yield f"{'at most ' if event['phase'] == 'selection' else ''}{duration_text(left)} left"


def _figures(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield the validation score and the loss, if known."""
    if "NDCG@10" in event:
        yield f"NDCG@10 {accuracy_text(event['NDCG@10'])}"
    if event["loss"] is not None:
        yield f"loss {event['loss']:.4g}"


def duration_text(seconds: float) -> str:
    """Return ``14 s``, ``12 min`` and ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def outcome_text(record: Record) -> str:
    """Return how a job ended: "NDCG@10 .3942, fitted in 1.23 s"."""
    if record.failure is not None:
        return f"FAILED: {printable(record.failure.message)}"
    ranks = compared_ranks(record)
    parts = [] if ranks is None else [f"NDCG@10 {accuracy_text(float(np.mean(ndcg(ranks, 10))))}"]
    parts.append(f"fitted in {amount_text(record.time.fit_seconds)} s")
    if record.selection:
        parts.append(f"best epoch {record.selection.best_epoch}")
    return ", ".join([*parts, *_models_texts([record])])


def row_text(records: Sequence[Record]) -> str:
    """Return how the jobs of a row ended, as means over seeds in columns: "NDCG@10 .3942  fit    1.23 s"."""
    failures = [record.failure for record in records if record.failure is not None]
    if failures:
        of = "" if len(records) == 1 else f"{len(failures)} of {len(records)} "
        return f"{of}FAILED: {printable(failures[0].message)}"
    ranks = [found for record in records if (found := compared_ranks(record)) is not None]
    parts = [f"NDCG@10 {accuracy_text(float(np.mean([ndcg(each, 10).mean() for each in ranks])))}"] if ranks else []
    seconds = [record.time.fit_seconds for record in records if record.time.fit_seconds is not None]
    parts.append(f"fit {amount_text(float(np.mean(seconds)) if seconds else None):>7} s")
    epochs = [str(record.selection.best_epoch) for record in records if record.selection]
    parts += [f"best epoch{'s' * (len(epochs) > 1)} {', '.join(epochs)}"] if epochs else []
    return "  ".join([*parts, *_models_texts(records)])


def _models_texts(records: Sequence[Record]) -> Iterator[str]:
    """Yield whether the fitted models are kept, and why not."""
    models = [record.model for record in records if record.model]
    problems = dict.fromkeys(model.problem for model in models if model.problem is not None)
    if problems:
        yield f"model not kept: {printable('; '.join(problems))}"
    elif models:
        yield "model kept"

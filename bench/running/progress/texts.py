"""The words that progress uses for a job: at its beginning, after each epoch, at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.records.compared import compared_ranks
from bench.writing.text import accuracy_text, amount_text, printable
from protocol.evaluation.metrics import ndcg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
    n_more
        How many may follow on the first ones; None where that is not known.
    """
    to_run, place = _to_run_text(n_jobs, n_more), printable(str(folder))
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
    return ", ".join((DOING[event["phase"]], f"epoch {event['epoch']}{most}", *_figures(event)))


def state_texts(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an epoch shows beside its bar, from all words to the fewest; a validation is shown by its score."""
    doing, figures = DOING[event["phase"]], list(_figures(event))
    brief = [figure.replace("at most ", "≤") for figure in figures]
    return ", ".join((doing, *figures)), ", ".join((doing, *brief)), ", ".join(brief or [doing])


def _figures(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield the validation score, the loss and the time left, if known."""
    if "NDCG@10" in event:
        yield f"NDCG@10 {accuracy_text(event['NDCG@10'])}"
    if event["loss"] is not None:
        yield f"loss {event['loss']:.4g}"
    if event["epochs"]:
        left = event["seconds"] / event["epoch"] * (event["epochs"] - event["epoch"])
        yield f"{'at most ' if event['phase'] == 'selection' else ''}{_duration_text(left)} left"


def _duration_text(seconds: float) -> str:
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
    if record.model:
        problem = record.model.problem
        parts.append("model kept" if problem is None else f"model not kept: {printable(problem)}")
    return ", ".join(parts)

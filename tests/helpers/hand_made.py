"""Records made by hand, with figures a reader can recompute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.records.record import Record
from protocol.evaluation.evaluate import LIST_TIES
from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

T_3 = 3.182446305284263
"""Student's t with three degrees of freedom at .975, from a printed table: 3.182."""

FACTS = {
    "n_users": 5,
    "n_items": 1682,
    "n_interactions": 100_000,
    "n_duplicates": 7,
    "n_train": 99_996,
    "n_evaluated": 4,
    "n_negatives": 100,
    "n_tied_users": 1,
    "n_short_users": 1,
    "n_dropped_users": 0,
    "n_cold_heldout": 0,
    "notes": ["min rating 4: 17,480 rows left out"],
}

CUT = {"cut_time": 880_000_000, "n_unused": 3, "n_silent_users": 1, "n_new_users": 0, "n_new_items": 2}
"""What a split at a point in time adds to the facts."""


def task(**changes: Any) -> dict[str, Any]:
    parts = {"purpose": "test", "dataset": "d" * 64, "protocol_seed": "0", "split": "leave-last-out", "candidates": "c"}
    return {"digest": "a" * 64, "purpose": "test", "parts": parts, "dataset": "ml-100k", "facts": FACTS} | changes


def _counted(of: dict[str, Any], counts: tuple[Sequence[int], Sequence[int], Sequence[int]] | None) -> dict[str, Any]:
    """Return the task with as many cold held-out items as the counts have."""
    if counts is None:
        return of
    return of | {"facts": of["facts"] | {"n_cold_heldout": sum(int(count == 0) for count in counts[1])}}


def record(
    label: str,
    n_better: Sequence[int],
    *,
    full: Sequence[int] | None = None,
    n_untouched: int = 1000,
    n_rivals: Sequence[int] | int = 100,
    seed: int = 0,
    fit: float = 1.0,
    failure: dict[str, str] | None = None,
    deterministic: bool = False,
    selection: dict[str, Any] | None = None,
    of: dict[str, Any] | None = None,
    source: str = "5",
    top: Sequence[Sequence[int]] | None = None,
    counts: tuple[Sequence[int], Sequence[int], Sequence[int]] | None = None,
    tuning: float | None = None,
    usage: dict[str, Any] | None = None,
    list_ties: str | None = LIST_TIES,
) -> Record:
    """Return a record with these ranks among its rivals, and among all untouched items but one.

    Parameters
    ----------
    full
        Ranks of the full ranking; none by default.
    n_rivals
        The rivals among the candidates, of each user or of all.
    top
        Each user's best items.
    counts
        Training interactions of users, of their held-out items, and of all items.
    tuning
        Seconds that finding the parameters took.
    usage
        See `bench.records.outcome.Usage`; none by default, as in earlier records.
    list_ties
        The order of equal scores in ``top``; None for a record of an older recbench.
    """
    nobody = np.zeros(len(n_better), np.int32)
    document = {
        "schema": 1,
        "key": f"{label} {seed} {source}",
        "status": "failed" if failure else "ok",
        "failure": failure,
        "recommender": {
            "name": label.split(":")[0],
            "label": label,
            "reference": "somewhere:Something",
            "origin": "built-in",
            "parameters": {"reg": 1.0},
            "deterministic": deterministic,
            "iterative": False,
            "source_sha256": source,
        },
        "seed": seed,
        "threads": 2,
        "patience": selection["patience"] if selection else None,
        "tuning_seconds": tuning,
        "task": _counted(of or task(), counts),
        "selection": selection,
        "curve": [],
        "time": {
            "fit_seconds": fit,
            "score_seconds": 0.1,
            "score_us_per_user": 12.5,
            "full_score_seconds": None,
        },
        "memory": {"peak_mib": 234.5 + seed, "before_fit_mib": 100.0},
        "usage": usage,
        "environment": {"cpu": "A_CPU", "versions": {"python": "3.11", "numpy": "2.4.6"}},
        "files": {},
    }
    if top is not None and list_ties is not None:
        document["list_ties"] = list_ties
    return Record(
        document,
        ranks=None if failure else Ranks(np.array(n_better), nobody, nobody + np.array(n_rivals)),
        full_ranks=None if failure or full is None else Ranks(np.array(full), nobody, nobody + n_untouched),
        top_items=None if top is None else np.array(top, np.int32),
        counts=None if counts is None else TrainCounts(*(np.array(each) for each in counts)),
    )


TIMEOUT = {"kind": "timeout", "message": "stopped after 60 s, in epoch 3 of 30", "detail": ""}

EASE = record("ease:reg=500", [0, 0, 1, 20], full=[0, 9, 10, 500], fit=0.3, deterministic=True)
BPR = [record("bpr", [0, 0, 20, 30], seed=0, fit=2.0), record("bpr", [0, 20, 0, 30], seed=1, fit=4.0)]
ALS = record("als", [], failure=TIMEOUT)
RECORDS = [ALS, EASE, *BPR]

EASE_NDCG = (1 + 1 + 1 / math.log2(3) + 0) / 4
BPR_SPREAD = T_3 * math.sqrt((0.25 + 0.25) / 3) / 2
"""Users' mean hit rates over two seeds are 1, .5, .5 and 0."""

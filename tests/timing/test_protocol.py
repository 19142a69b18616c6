"""How long the protocol's parts take: loading, splitting, drawing candidates, ranking, metrics."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.timing import SIZES, measure
from protocol.data.loading import load_dataset
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS
from protocol.evaluation.ranking import Ranks, rank_heldout
from protocol.keyed import derive, id_keys, root_key
from protocol.tasks.candidates import draw_candidates
from protocol.tasks.split import leave_last_out

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.dataset import Dataset

N_NEGATIVES = 100
K = 10

at_each_size = pytest.mark.parametrize("size", SIZES)


@cache
def synthetic(size: str) -> Dataset:
    return load_dataset(f"synthetic:{size}")


@at_each_size
def test_loading(benchmark: Any, size: str, tmp_path: Path) -> None:
    interactions = synthetic(size).interactions
    path = tmp_path / "interactions.csv"
    rows = np.column_stack((interactions.users, interactions.items, interactions.timestamps))
    np.savetxt(path, rows, fmt="%d", delimiter=",", header="user,item,timestamp", comments="")
    measure(benchmark, lambda: load_dataset(path))


@at_each_size
def test_splitting(benchmark: Any, size: str) -> None:
    dataset = synthetic(size)
    measure(benchmark, lambda: leave_last_out(dataset, 0))


@at_each_size
def test_drawing_candidates(benchmark: Any, size: str) -> None:
    dataset = synthetic(size)
    split = leave_last_out(dataset, 0)
    touched = dataset.interactions.to_csr(np.bool_)
    keys = derive(root_key(0, "timing"), id_keys(dataset.user_ids)[split.users])
    measure(benchmark, lambda: draw_candidates(touched, split.users, split.items, keys, N_NEGATIVES))


@at_each_size
def test_ranking(benchmark: Any, size: str) -> None:
    n_users = synthetic(size).interactions.n_users
    scores = np.random.default_rng(0).random((n_users, 1 + N_NEGATIVES))
    is_rival = np.ones((n_users, N_NEGATIVES), dtype=np.bool_)
    measure(benchmark, lambda: rank_heldout(scores, is_rival))


@at_each_size
def test_metrics(benchmark: Any, size: str) -> None:
    interactions = synthetic(size).interactions
    n_rivals = np.full(interactions.n_users, interactions.n_items - 1)
    ranks = Ranks(np.random.default_rng(0).integers(0, n_rivals), np.zeros_like(n_rivals), n_rivals)

    def compute() -> None:
        for metric in METRICS.values():
            metric.values(ranks, K)
        draws = Draws(ranks, N_NEGATIVES)
        for name in ("HR", "NDCG"):
            METRICS[name].expected(draws, K)

    measure(benchmark, compute)

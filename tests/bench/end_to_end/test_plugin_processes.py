"""Plug-ins named by file whose `fit` starts processes of its own: their workers import the file, too."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job

SOURCE = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
import numpy as np

def work(part, n):
    assert "bench.running.job" not in sys.modules
    return np.bincount(part, minlength=n)

class Pooled:
    deterministic = True
    def __init__(self, how: str):
        self.how = how
    def fit(self, train, *, rng):
        parts = [(part, train.n_items) for part in np.array_split(train.items, 4)]
        if self.how == "joblib":
            from joblib import Parallel, delayed
            self.w = sum(Parallel(n_jobs=2)(delayed(work)(*part) for part in parts))
        elif self.how == "futures":
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                self.w = sum(pool.map(work, *zip(*parts)))
        else:
            with multiprocessing.get_context(self.how).Pool(1) as pool:
                self.w = sum(pool.starmap(work, parts))
        return self
    def score(self, users, items):
        return self.w[items].astype(float)
"""


@pytest.mark.filterwarnings("error")
def test_workers_find_what_the_file_defines(
    plan: Callable[..., list[Job]], plugin: Callable[[str], str], tmp_path: Path
) -> None:
    hows = ["spawn", "futures", *["joblib"] * (importlib.util.find_spec("joblib") is not None)]
    jobs = plan(["popularity", *(f"pooled:how={how}" for how in hows)], [plugin(SOURCE)])
    records = run_jobs(jobs[: 1 + len(hows)], Store(tmp_path / "results"), timeout=30.0, progress=Silence(), jobs=2)
    assert [record.failure for record in records] == [None] * len(records)
    for record in records[1:]:
        assert record.ranks.n_better.tolist() == records[0].ranks.n_better.tolist()

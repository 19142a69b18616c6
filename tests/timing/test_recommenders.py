"""How long each built-in takes to fit (one epoch of those that learn epoch by epoch) and to score."""

from __future__ import annotations

import inspect
import threading

import numpy as np
import pytest

from bench.timing import benchmarks, recommender_benchmarks
from bench.timing.benchmarks import builder, synthetic_task
from recommenders.registry import entries, load_class

SMALL = "60x300x1200"


@pytest.fixture(autouse=True)
def _small_where_nothing_is_timed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the benchmarks on small data, unless they are timed (`recbench timing` enables that)."""
    if not request.config.getoption("benchmark_enable"):
        monkeypatch.setattr(benchmarks, "synthetic_task", lambda _: synthetic_task(SMALL))


def one_epoch(name: str) -> str:
    has_epochs = "epochs" in inspect.signature(load_class(entries()[name])).parameters
    return f"{name}:epochs=1" if has_epochs else name


BUILT_INS = [one_epoch(name) for name, entry in entries().items() if entry.origin == "built-in"]

test_recommender = recommender_benchmarks(*BUILT_INS)


@pytest.mark.parametrize("text", BUILT_INS)
def test_all_is_done_in_the_calling_thread(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """With the one thread that `recbench timing` sets: the clock knows nothing of others (see `bench.timing.clock`)."""
    import numba

    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 1)
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail(f"{thread} was started"))
    task = synthetic_task(SMALL)
    model = builder(text, {})().fit(task.train, rng=np.random.default_rng(0))
    model.score(task.candidates.users, task.candidates.items)

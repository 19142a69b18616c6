"""P22: a device is waited for before each reading of the clock."""

from __future__ import annotations

import time

import numpy as np
import pytest

from protocol.data.loading import load_dataset
from protocol.evaluation.clock import Stopwatch
from protocol.evaluation.evaluate import evaluate
from protocol.tasks.task import build_task


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what happens, in order: each reading of the clock is noted."""
    found: list[str] = []

    def read() -> float:
        found.append("clock")
        return float(len(found))

    monkeypatch.setattr(time, "perf_counter", read)
    return found


def test_the_device_is_awaited_before_each_reading(events: list[str]) -> None:
    with Stopwatch(lambda: events.append("wait")):
        events.append("work")
    assert events == ["wait", "clock", "work", "wait", "clock"]


@pytest.mark.parametrize("n_negatives", [10, 0])
def test_scoring_waits_for_the_device_and_fetches_scores_on_the_clock(events: list[str], n_negatives: int) -> None:
    """Beside drawn candidates there are two passes, by ``score`` and by ``score_all``; in the full ranking one."""

    class Answer:
        dtype = "torch.float32"

        def __init__(self, values: np.ndarray) -> None:
            self.values = values

        def detach(self) -> Answer:
            return self

        def cpu(self) -> Answer:
            events.append("fetch")
            return self

        def numpy(self) -> np.ndarray:
            return self.values

    class OnADevice:
        def fit(self, train: object, *, rng: object) -> None: ...

        def score(self, users: np.ndarray, items: np.ndarray) -> Answer:
            return Answer(items.astype(np.float64))

        def score_all(self, users: np.ndarray) -> Answer:
            return Answer(np.tile(np.arange(task.train.n_items, dtype=np.float64), (users.size, 1)))

    task = build_task(load_dataset("synthetic:20x60x200"), n_negatives=n_negatives)
    events.clear()
    evaluate(OnADevice(), task, synchronise=lambda: events.append("wait"))  # type: ignore[arg-type]
    assert events == ["wait", "clock", "fetch", "wait", "clock"] * (2 if n_negatives else 1)

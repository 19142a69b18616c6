"""One job, in this process: what a recommender gets to see and when, and what becomes of its failures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jobs_here import DataHere

from bench.analysis.conduct import faults_in
from bench.machine import background
from bench.records.capping import MESSAGE_LENGTH
from bench.running import measuring
from bench.running.measuring import run_job
from bench.running.training import training_rng
from protocol.errors import RecbenchWarning
from protocol.evaluation.evaluate import LIST_TIES, evaluate
from protocol.tasks.counts import count_train
from recommenders.als import ALS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.records.store import Record
    from bench.running.plan import Job
    from protocol.tasks.task import Task

    Plan = Callable[..., list[Job]]
    Run = Callable[..., Record]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a job here, through the text of its spec."""

    def run_here(job: Job, events: list[Any] | None = None) -> Record:
        spec = json.loads(json.dumps(job.spec(tmp_path / "out")))
        return run_job(spec, DataHere(job), ([] if events is None else events).append)

    return run_here


def assert_same_ranks(found: Any, expected: Any) -> None:
    for count in ("n_better", "n_tied", "n_rivals"):
        np.testing.assert_array_equal(getattr(found, count), getattr(expected, count))


def assert_same_counts(found: Any, expected: Any) -> None:
    for name in ("users", "heldout", "items"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_the_record_holds_what_fitting_and_scoring_here_gives(plan: Plan, run: Run, task: Task) -> None:
    (job,) = plan(["als:epochs=3,embedding_size=4"], seeds=(7,))
    record = run(job)
    model = ALS(epochs=3, embedding_size=4).fit(task.train, rng=training_rng(7, "fit"))
    expected = evaluate(model, task)
    assert record.contents.list_ties == LIST_TIES
    assert_same_ranks(record.ranks, expected.ranks)
    assert_same_ranks(record.full_ranks, expected.full_ranks)
    np.testing.assert_array_equal(record.top_items, expected.top_items)
    assert_same_counts(record.counts, count_train(task.train, task.candidates))
    assert not record.failed
    assert [line.epoch for line in record.curve] == [1, 2, 3]
    assert record.time.score_us_per_user == pytest.approx(1e6 * record.time.score_seconds / 60)
    assert 0 < record.memory.before_fit_mib <= record.memory.peak_mib


def test_phases_and_epochs_are_reported_in_order(plan: Plan, run: Run) -> None:
    events: list[Any] = []
    run(plan(["als:epochs=2"], patience=5)[0], events)
    steps = [(event["phase"], event.get("epoch")) for event in events]
    assert steps == [
        ("selection", None), ("selection", 1), ("selection", 2),
        ("fit", None), ("fit", 1), ("fit", 2), ("score", None),
    ] or steps == [
        ("selection", None), ("selection", 1), ("selection", 2), ("fit", None), ("fit", 1), ("score", None),
    ]  # fmt: skip
    assert "NDCG@10" in events[1]
    assert json.loads(json.dumps(events)) == events


def test_a_fresh_model_is_refitted_with_the_best_number_of_epochs(plan: Plan, run: Run, task: Task) -> None:
    """P21: the selection sees the validation task alone, and leaves nothing but a number of epochs."""
    (job,) = plan(["als:epochs=8,embedding_size=4"], patience=2)
    record = run(job)
    best = record.selection.best_epoch
    values = [line.ndcg for line in record.selection.curve]
    assert values.index(max(values)) + 1 == best
    assert len(record.curve) == best
    refitted = ALS(epochs=best, embedding_size=4).fit(task.train, rng=training_rng(0, "fit"))
    assert_same_ranks(record.ranks, evaluate(refitted, task).ranks)


def test_on_the_validation_task_the_best_epoch_is_the_outcome(plan: Plan, run: Run, validation: Task) -> None:
    (job,) = plan(["als:epochs=8,embedding_size=4"], patience=2, task=validation)
    record = run(job)
    best = record.selection.best_epoch
    model = ALS(epochs=best, embedding_size=4).fit(validation.train, rng=training_rng(0, "selection"))
    assert_same_ranks(record.ranks, evaluate(model, validation).ranks)
    assert record.task.purpose == "validation"
    assert_same_counts(record.counts, count_train(validation.train, validation.candidates))


def test_candidates_are_asked_for_after_fit(plan: Plan, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """P12."""
    happened: list[str] = []

    def noted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            result = function(*given, **options)
            happened.append(name)
            return result

        return call

    monkeypatch.setattr(measuring, "fit", noted("fitted", measuring.fit))
    monkeypatch.setattr(DataHere, "task", noted("got the candidates", DataHere.task))
    run(plan(["ease"])[0])
    assert happened == ["fitted", "got the candidates"]


class Clock:
    """A clock that stands still until something takes its time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def take(self, seconds: float) -> None:
        self.now += seconds


TAKES = """
import time
import numpy as np
from recommenders.parts.model import Model
# The process that describes the class has another clock.
take = getattr(time.perf_counter, "take", float)
take(1000)
class Takes(Model):
    slow_imports = ("slow_to_import",)
    def __init__(self, epochs: int = 3):
        self.__post_init__()
        take(10)
    def fit(self, train, *, rng):
        return self
    def fit_epochs(self, train, *, rng):
        self.n_items = train.n_items
        try:
            for _ in range(3):
                take(1)
                yield 0.5
        finally:
            take(0.25)
    def score(self, users, items):
        take(0.125)
        return -items * 1.0
    def score_all(self, users):
        take(0.5)
        return np.zeros((users.size, self.n_items))
"""


def test_building_fitting_and_scoring_are_timed_and_imports_are_not(
    plan: Plan, run: Run, plugin: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P22: a selection builds a recommender of its own, and fits three epochs, each scored, where patience is 2."""
    (tmp_path / "slow_to_import.py").write_text("import time\ngetattr(time.perf_counter, 'take', float)(1000)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(measuring.time, "perf_counter", Clock())
    record = run(plan([], [plugin(TAKES)], patience=2)[0])
    assert record.selection.best_epoch == 1
    assert record.selection.seconds == 10 + 3 * 1 + 0.25 + 3 * 0.125
    assert record.usage.build_seconds == 10
    assert record.time.fit_seconds == 1 + 0.25
    assert (record.time.score_seconds, record.time.full_score_seconds) == (0.125, 0.5)
    assert record.usage.scoring_seconds == 0.125 + 0.5
    assert record.usage.scoring_peak_mib > 0


BAD = """
import sys
import numpy as np
class Bad:
    def __init__(self, how: str = ""):
        self.how = how
        if how == "constructor":
            raise ValueError("reg is -1")
    def fit(self, train, *, rng):
        if self.how == "raise":
            raise ValueError("no\\n  luck")
        if self.how == "long":
            raise ValueError("x" * 9000)
        if self.how == "exit":
            sys.exit("enough")
        if self.how == "memory":
            raise MemoryError("no room for 8 EiB")
        return self
    def score(self, users, items):
        scores = np.zeros(items.shape)
        if self.how == "nan":
            scores[0, 0] = np.nan
        if self.how == "shape":
            return scores[:, 1:]
        if self.how == "text":
            return scores.astype(str)
        if self.how == "score":
            raise IndexError("index 7 is out of bounds")
        return scores
"""


@pytest.mark.parametrize(
    ("how", "kind", "message"),
    [
        ("raise", "raised", "ValueError: no luck"),
        ("constructor", "raised", "RecommenderError: Bad(how='constructor') cannot be built: reg is -1"),
        ("exit", "raised", "SystemExit: enough"),
        ("memory", "memory", "MemoryError: no room for 8 EiB"),
        ("nan", "scores", "bad:how=nan: 1 of 1260 scores are not finite (some are NaN), expected numbers"),
        ("shape", "scores", "bad:how=shape: scores have shape (60, 20), expected (60, 21), one per candidate"),
        ("score", "raised", "IndexError: index 7 is out of bounds"),
    ],
)
def test_what_a_recommender_does_wrong_is_a_failed_record(
    plan: Plan, run: Run, plugin: Callable[[str], str], how: str, kind: str, message: str
) -> None:
    """P14."""
    path = plugin(BAD)
    record = run(plan([f"bad:how={how}"], [path])[0])
    failure = record.failure
    assert (failure.kind, failure.message) == (kind, message)
    assert "Traceback" in failure.detail
    assert record.failed
    assert record.ranks is None


def test_a_long_message_is_cut_and_kept_whole_beside_it(plan: Plan, run: Run, plugin: Callable[[str], str]) -> None:
    failure = run(plan(["bad:how=long"], [plugin(BAD)])[0]).failure
    assert len(failure.message) == MESSAGE_LENGTH
    assert "x" * 9000 in failure.detail


def test_global_generators_are_seeded(plan: Plan, run: Run, plugin: Callable[[str], str]) -> None:
    path = plugin("""
import random
import numpy as np
class Careless:
    def fit(self, train, *, rng):
        self.scores = np.random.rand(train.n_users, train.n_items) + random.random()
        return self
    def score(self, users, items):
        return self.scores[users[:, None], items]
""")
    first, second, other = (run(plan([], [path], seeds=(seed,))[0]) for seed in (1, 1, 2))
    assert_same_ranks(first.ranks, second.ranks)
    assert not np.array_equal(first.ranks.n_better, other.ranks.n_better)


PROBED = """
import numpy as np
class Probed:
    deterministic = True
    def __init__(self, how: str):
        self.how, self.n_calls = how, 0
    def fit(self, train, *, rng):
        self.n_items = train.n_items
        if self.how == "draws":
            rng.random()
        return self
    def score(self, users, items):
        self.n_calls += 1
        if self.how == "stubborn" and self.n_calls > 1:
            raise RuntimeError("asked already")
        if self.how == "stops" and self.n_calls > 1:
            raise SystemExit(1)
        if self.how == "often":
            return np.bincount(items.ravel(), minlength=self.n_items)[items] * 1.0
        return -items * 1.0
    def score_all(self, users):
        scores = np.tile(-np.arange(self.n_items), (users.size, 1))
        return 2 * scores if self.how == "twice" else scores
"""


@pytest.mark.parametrize(
    ("how", "mark", "problem"),
    [
        ("well", None, None),
        ("often", "scores moved", None),
        ("twice", "score_all disagrees", None),
        ("draws", "not deterministic", None),
        ("stubborn", "no second answer", "RuntimeError: asked already"),
        ("stops", "no second answer", "SystemExit: 1"),
    ],
)
def test_scores_that_are_not_what_they_were_mark_the_row_and_cost_it_no_more(
    plan: Plan, run: Run, plugin: Callable[[str], str], how: str, mark: str | None, problem: str | None
) -> None:
    """P14."""
    record = run(plan([f"probed:how={how}"], [plugin(PROBED)])[0])
    assert not record.failed
    assert (record.probe.n_users, record.probe.problem) == (20, problem)
    marks = [fault.mark for fault in faults_in([record])]
    assert marks[:1] == ([] if mark is None else [mark])


LEAVES_A_THREAD = """
import threading, time
class Leaves:
    deterministic = True
    def fit(self, train, *, rng):
        end = time.monotonic() + 2
        def learn():
            while time.monotonic() < end:
                sum(range(1000))
        threading.Thread(target=learn, daemon=True).start()
        return self
    def score(self, users, items):
        return -items * 1.0
"""


@pytest.mark.skipif(not background.KEEPS, reason="Linux alone tells")
def test_what_learns_on_after_fit_marks_the_row(plan: Plan, run: Run, plugin: Callable[[str], str]) -> None:
    record = run(plan([], [plugin(LEAVES_A_THREAD)])[0])
    assert [fault.mark for fault in faults_in([record])][:1] == ["works after fit"]


WARNS = """
import warnings
from protocol.errors import RecbenchWarning
class Warns:
    def fit(self, train, *, rng):
        for _ in range(2):
            warnings.warn("it forgets half of the items", RecbenchWarning)
        warnings.warn("x" * 600, RecbenchWarning)
        return self
    def score(self, users, items):
        return -items * 1.0
"""


def test_what_a_recommender_warns_of_is_in_its_record_and_marks_the_row(
    plan: Plan, run: Run, plugin: Callable[[str], str]
) -> None:
    with pytest.warns(RecbenchWarning):
        record = run(plan([], [plugin(WARNS)])[0])
    assert not record.failed
    assert record.warnings == ["it forgets half of the items", "x" * MESSAGE_LENGTH]
    assert [fault.mark for fault in faults_in([record])] == ["warned"]


def test_a_choice_of_epochs_is_not_probed(plan: Plan, run: Run, validation: Task) -> None:
    record = run(plan(["als:epochs=2,embedding_size=4"], patience=2, task=validation)[0])
    assert record.probe is None

"""The probe (P14): what depends on more than user and item is found, and what does not is never accused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from protocol.data.dataset import Dataset
from protocol.errors import ScoreError
from protocol.evaluation import evaluate as evaluating
from protocol.evaluation import probing
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.probing import TOLERANCE, Probe, Witness, probe
from protocol.tasks.task import Task, build_task


def task_of(n_negatives: int = 20, n_users: int = 60, n_items: int = 100) -> Task:
    rng = np.random.default_rng(0)
    rows = [
        (user, item, time)
        for user in range(n_users)
        for time, item in enumerate(rng.permutation(n_items)[: rng.integers(4, 30)])
    ]
    dataset = Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))
    return build_task(dataset, n_negatives=n_negatives, short_users="all")


class Honest:
    """Scores every pair from a table, users x items."""

    def __init__(self, dtype: Any = np.float64, factor: float = 1.0, offset: float = 0.0) -> None:
        table = np.random.default_rng(1).standard_normal((60, 100))
        self.table = (factor * table + offset).astype(dtype)

    def fit(self, train, *, rng):
        return self

    def score(self, users, items):
        return self.table[users[:, None], items]


class Ranking(Honest):
    """Scores the catalogue, too."""

    def score_all(self, users):
        return self.table[users]


class Masking(Ranking):
    """Gives no score to what is not there to be ranked."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.masked = self.table.copy()
        self.masked[task.train.users, task.train.items] = -np.inf

    def score_all(self, users):
        return self.masked[users]


class Factors(Ranking):
    """Products in float32: their last bits depend on the shape of the block."""

    def __init__(self, offset: float = 0.0) -> None:
        rng = np.random.default_rng(2)
        self.left = rng.standard_normal((60, 64)).astype(np.float32)
        self.right = rng.standard_normal((100, 64)).astype(np.float32)
        self.offset = np.float32(offset)

    def score(self, users, items):
        return np.take_along_axis(self.score_all(users), items, axis=1)

    def score_all(self, users):
        return self.left[users] @ self.right.T + self.offset


class Counting(Ranking):
    """Notes of how many users the whole catalogue was asked for at once."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def score_all(self, users):
        self.asked.append(users.size)
        return super().score_all(users)


def probed(model: Any, task: Task) -> Probe:
    witness = Witness(task)
    evaluate(model, task, witness=witness)
    return probe(model, witness, "mine")


@pytest.mark.parametrize("n_negatives", [20, 0, 90])
@pytest.mark.parametrize(
    "make",
    [
        lambda task: Honest(),
        lambda task: Ranking(),
        lambda task: Ranking(np.float32, 1e-30),
        lambda task: Ranking(np.float64, 1e300),
        lambda task: Ranking(np.int64, 100),
        lambda task: Ranking(np.float32, 0.0),
        Masking,
        lambda task: Factors(),
        lambda task: Factors(1000.0),
    ],
    ids=["table", "all", "tiny", "huge", "integers", "constant", "masking", "float32", "offset"],
)
def test_honest_scores_stay_what_they_were(make: Any, n_negatives: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever blocks they were ranked; with 90 negatives most lists are short."""
    task = task_of(n_negatives)
    for most in (evaluating.BLOCK_BYTES, 9_000):
        monkeypatch.setattr(evaluating, "BLOCK_BYTES", most)
        found = probed(make(task), task)
        assert found.n_users == 20
        assert found.moved < TOLERANCE
        assert found.disagreement is None or found.disagreement < TOLERANCE


class Often(Honest):
    """Scores an item by how often it occurs in the lists of a call."""

    def score(self, users, items):
        return np.bincount(items.ravel(), minlength=100)[items].astype(float)


class Centred(Honest):
    def score(self, users, items):
        scores = super().score(users, items)
        return scores - scores.mean(axis=1, keepdims=True)


class ByBatch(Honest):
    def score(self, users, items):
        scores = super().score(users, items)
        return scores / scores.std()


class ByColumn(Honest):
    def score(self, users, items):
        return super().score(users, items) + 1e-3 * np.arange(items.shape[1])


class ByRow(Honest):
    def score(self, users, items):
        return super().score(users, items) + 1e-3 * np.arange(users.size)[:, None]


class Learning(Honest):
    """Learns from each call what it is asked about."""

    def score(self, users, items):
        scores = super().score(users, items)
        self.table[users[:, None], items] += 1e-3
        return scores


class Dropping(Honest):
    rng = np.random.default_rng(3)

    def score(self, users, items):
        return super().score(users, items) * (self.rng.random(items.shape) > 0.1)


@pytest.mark.parametrize("n_negatives", [20, 0])
@pytest.mark.parametrize("kind", [Often, Centred, ByBatch, ByColumn, ByRow, Learning, Dropping])
@pytest.mark.parametrize("by_score_all", [False, True])
def test_what_depends_on_more_is_found(kind: type[Honest], n_negatives: int, by_score_all: bool) -> None:
    """Also where only ``score_all`` does it, if that has what it depends on: users, calls and chance."""
    model = kind()
    if by_score_all:
        everything = np.arange(100)[None]
        rank = kind()
        model.score_all = lambda users: rank.score(users, np.repeat(everything, users.size, axis=0))  # type: ignore[attr-defined]
        if kind in (Centred, ByColumn, Often) and n_negatives == 0:
            # These depend on the candidates alone, and all items are always the same ones.
            assert probed(model, task_of(n_negatives)).disagreement > TOLERANCE
            return
    assert probed(model, task_of(n_negatives)).moved > TOLERANCE


@pytest.mark.parametrize("n_negatives", [20, 0])
def test_a_score_all_of_another_model_is_found(n_negatives: int) -> None:
    """Both are as they were, and differ by a ten-thousandth of the spread."""
    model = Ranking()
    other = model.table * (1 + 1e-4)
    model.score_all = lambda users: other[users]  # type: ignore[method-assign]
    found = probed(model, task_of(n_negatives))
    assert found.moved == 0
    assert 1e-5 < found.disagreement < 2e-4


@pytest.mark.parametrize("method", ["score", "score_all"])
def test_an_answer_that_breaks_the_contract_is_an_error(method: str) -> None:
    task, model = task_of(), Ranking()
    witness = Witness(task)
    evaluate(model, task, witness=witness)
    setattr(model, method, lambda users, *_: np.full((users.size, 100 if method == "score_all" else 11), np.nan))
    with pytest.raises(ScoreError, match=r"mine: .* scores are not finite"):
        probe(model, witness, "mine")


@pytest.mark.parametrize(("n_users", "n_probed"), [(5, 5), (60, 20), (2_500, 25)])
def test_one_user_in_a_hundred_and_at_least_twenty_are_asked_about(n_users: int, n_probed: int) -> None:
    task = task_of(n_users=n_users)
    calls: list[tuple[int, ...]] = []

    class Counting(Honest):
        def score(self, users, items):
            calls.append(items.shape)
            return items * 1.0

    assert probed(Counting(), task).n_users == n_probed
    assert calls == [(n_users, 21), (n_probed, 11)]


@pytest.mark.parametrize("n_negatives", [20, 0])
def test_the_whole_catalogue_is_asked_for_in_blocks(n_negatives: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand users of a large catalogue at once would need far more memory than the ranking before."""
    task, model = task_of(n_negatives), Counting()
    witness = Witness(task)
    evaluate(model, task, witness=witness)
    model.asked.clear()
    monkeypatch.setattr(probing, "BLOCK_BYTES", 8 * 100 * 7)
    found = probe(model, witness, "mine")
    assert max(model.asked) == 7
    assert sum(model.asked) == found.n_users
    assert (found.moved, found.disagreement) == (0, 0)

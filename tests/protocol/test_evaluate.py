"""Evaluation (P12, P13, P16, P19): known recommenders, brute force, and blocks that change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import evaluate as module
from protocol.dataset import Dataset
from protocol.errors import ScoreError
from protocol.evaluate import column_order, evaluate, top_items
from protocol.metrics import hit_rate
from protocol.task import Task, build_task


def task_of(seed: int = 0, n_users: int = 60, n_items: int = 150, n_negatives: int = 20) -> Task:
    rng = np.random.default_rng(seed)
    rows = [
        (user, item, time)
        for user in range(n_users)
        for time, item in enumerate(rng.permutation(n_items)[: rng.integers(4, 30)])
    ]
    dataset = Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))
    return build_task(dataset, n_negatives=n_negatives)


class Table:
    """Scores every pair from a table, users x items."""

    def __init__(self, table) -> None:
        self.table = table

    def fit(self, train, *, rng):
        return self

    def score(self, users, items):
        return self.table[users[:, None], items]

    def score_all(self, users):
        return self.table[users]


class Constant(Table):
    def __init__(self) -> None:
        super().__init__(None)

    def score(self, users, items):
        return np.zeros(items.shape)

    score_all = None


class FirstColumn(Constant):
    """Bets on a column, as a cheat would that knows where held-out items usually stand."""

    def score(self, users, items):
        return -np.broadcast_to(np.arange(items.shape[1], dtype=float), items.shape)


def random_table(task: Task, seed: int = 1, levels: int = 30) -> Table:
    rng = np.random.default_rng(seed)
    return Table(rng.integers(0, levels, (task.train.n_users, task.train.n_items)).astype(float))


def counts(ranks) -> list[list[int]]:
    return [ranks.n_better.tolist(), ranks.n_tied.tolist(), ranks.n_rivals.tolist()]


def test_an_oracle_is_always_first() -> None:
    task = task_of()
    table = np.zeros((task.train.n_users, task.train.n_items))
    table[task.candidates.users, task.candidates.heldout] = 1
    evaluation = evaluate(Table(table), task)
    assert evaluation.ranks.n_better.max() == evaluation.ranks.n_tied.max() == 0
    assert evaluation.full_ranks.n_better.max() == evaluation.full_ranks.n_tied.max() == 0


def test_a_constant_is_at_chance() -> None:
    """P15."""
    evaluation = evaluate(Constant(), task_of())
    assert hit_rate(evaluation.ranks, 10).tolist() == pytest.approx([10 / 21] * 60)
    assert evaluation.full_ranks is None


def test_betting_on_a_column_is_at_chance() -> None:
    """P12: over 1,500 users HR@1 of the first column lies within 5 standard errors of 1/21."""
    evaluation = evaluate(FirstColumn(), task_of(n_users=1_500))
    chance = 1 / 21
    assert abs(hit_rate(evaluation.ranks, 1).mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / 1_500)


def test_ranks_against_candidates_are_those_of_a_loop() -> None:
    """P13."""
    task = task_of()
    model = random_table(task)
    found = evaluate(model, task).ranks
    for row, (user, items) in enumerate(zip(task.candidates.users, task.candidates.items, strict=True)):
        own, *others = model.table[user, items]
        assert (found.n_better[row], found.n_tied[row]) == (sum(others > own), sum(others == own))


def test_full_ranks_are_those_of_a_loop_over_untouched_items() -> None:
    """P16."""
    task = task_of()
    model = random_table(task)
    found = evaluate(model, task).full_ranks
    trained = task.train.to_csr().toarray() > 0
    for row, (user, heldout) in enumerate(zip(task.candidates.users, task.candidates.heldout, strict=True)):
        rivals = [i for i in range(task.train.n_items) if not trained[user, i] and i != heldout]
        own = model.table[user, heldout]
        expected = (sum(model.table[user, rivals] > own), sum(model.table[user, rivals] == own), len(rivals))
        assert (found.n_better[row], found.n_tied[row], found.n_rivals[row]) == expected


def test_top_items_are_the_best_that_were_not_trained_on() -> None:
    task = task_of(n_items=300)
    model = random_table(task, levels=10**6)
    found = evaluate(model, task).top_items
    assert found.shape == (60, 100)
    trained = task.train.to_csr().toarray() > 0
    for row, user in enumerate(task.candidates.users):
        untrained = np.flatnonzero(~trained[user])
        expected = untrained[np.argsort(-model.table[user, untrained], kind="stable")][:100]
        assert model.table[user, found[row]].tolist() == model.table[user, expected].tolist()


@given(st.integers(1, 3000))
def test_the_size_of_blocks_changes_nothing(block_bytes: int) -> None:
    """P19."""
    task = task_of(n_users=20, n_items=60)
    model = random_table(task)
    whole = evaluate(model, task)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_BYTES", block_bytes)
        blocked = evaluate(model, task)
    assert counts(blocked.ranks) == counts(whole.ranks)
    assert counts(blocked.full_ranks) == counts(whole.full_ranks)
    assert blocked.top_items.tolist() == whole.top_items.tolist()


def test_users_are_shown_their_candidates_in_a_random_order_of_their_own() -> None:
    """P12."""
    order = column_order(np.arange(4_000, dtype=np.uint64), 5)
    assert np.array_equal(np.sort(order, axis=1), np.broadcast_to(np.arange(5), order.shape))
    places = np.bincount(np.argmax(order == 0, axis=1), minlength=5)
    assert np.all(np.abs(places - 800) < 5 * np.sqrt(4_000 * 0.2 * 0.8))


def test_what_is_shown_cannot_be_written_into() -> None:
    class Writer(Constant):
        def score(self, users, items):
            items[:] = 0
            return super().score(users, items)

    with pytest.raises(ValueError, match="read-only"):
        evaluate(Writer(), task_of())


def test_answers_are_never_written_into() -> None:
    task = task_of()
    model = random_table(task)
    model.table.flags.writeable = False
    before = model.table.copy()
    evaluate(model, task)
    assert np.array_equal(model.table, before)


@pytest.mark.parametrize("view", ["score", "score_all"])
def test_faulty_scores_name_the_recommender(view: str) -> None:
    """P14."""
    task = task_of()
    model = random_table(task)
    setattr(model, view, lambda users, *_: np.zeros((users.size, 3)))
    with pytest.raises(ScoreError, match=r"mine: scores have shape \(60, 3\), expected \(60, "):
        evaluate(model, task, name="mine")


def test_full_ranking_can_be_left_out() -> None:
    """P16."""
    task = task_of()
    assert evaluate(random_table(task), task, full=False).full_ranks is None


def test_equal_scores_in_top_lists_go_by_the_key_not_by_the_index() -> None:
    keys = np.array([5, 1, 4, 0, 3], dtype=np.uint64)
    scores = np.array([[1.0, 1, 1, 1, 1], [2, 1, 1, 1, 3], [-np.inf, 1, -np.inf, -np.inf, -np.inf]])
    assert top_items(scores, 3, keys).tolist() == [[3, 1, 4], [4, 0, 3], [1, -1, -1]]

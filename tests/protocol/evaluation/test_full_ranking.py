"""Ranks among the untouched items, and the lists of the best (P16): a plain sort, equal scores, too few items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.evaluation.beyond_accuracy import catalogue_coverage, exposure_gini
from protocol.evaluation.full_ranking import CatalogueRanker, in_order
from protocol.keyed import derive, text_key, words
from protocol.types import Interactions


def interactions_of(touched: np.ndarray) -> Interactions:
    """Return who touched what, from bool ``(n_users, n_items)``."""
    users, items = np.nonzero(touched)
    return Interactions(users.astype(np.int32), items.astype(np.int32), np.zeros(users.size, np.int64), *touched.shape)


@dataclass
class Evaluated:
    users: np.ndarray
    heldout: np.ndarray


@dataclass
class TaskOfArrays:
    """As much of a task as `CatalogueRanker` looks at."""

    candidates: Evaluated
    train: Interactions
    later: Interactions
    column_keys: np.ndarray


def task_of(train: np.ndarray, later: np.ndarray, heldout: np.ndarray) -> TaskOfArrays:
    users = np.arange(len(train), dtype=np.int32)
    evaluated = Evaluated(users, heldout.astype(np.int32))
    return TaskOfArrays(evaluated, interactions_of(train), interactions_of(later), users.astype(np.uint64))


def tie_words(task: TaskOfArrays) -> list[list[int]]:
    """Return the number by which each user's tied items are ordered, the lowest first."""
    keys = derive(task.column_keys, text_key("ties of top lists"))
    return words(keys[:, None], np.arange(task.train.n_items)).tolist()


def by_a_plain_sort(scores: np.ndarray, touched: np.ndarray, n: int, ties: list[list[int]]) -> list[list[int]]:
    lists = []
    for row, closed, order in zip(scores.tolist(), touched.tolist(), ties, strict=True):
        untouched = [item for item in range(len(row)) if not closed[item]]
        best = sorted(untouched, key=lambda item: (-row[item], order[item]))[:n]
        lists.append(best + [-1] * (n - len(best)))
    return lists


def check(scores: np.ndarray, train: np.ndarray, later: np.ndarray, n: int) -> None:
    """Hold everything that is found against counting and sorting one item after the other."""
    touched = train | later
    # Of each row another place among its untouched items, from the worst on: the first, the last, and some between.
    n_untouched = (~touched).sum(axis=1)
    places = np.linspace(0, n_untouched - 1, len(scores)).astype(int).diagonal()
    ascending = np.argsort(np.where(touched, np.inf, scores), axis=1)
    heldout = np.take_along_axis(ascending, places[:, None], axis=1)[:, 0]
    task = task_of(train, later, heldout)
    ranker = CatalogueRanker(task, n)
    n_better, n_tied, best = ranker.rank(scores, 0, slice(0, len(scores)))
    own = np.take_along_axis(scores, heldout[:, None], axis=1)
    assert n_better.tolist() == ((scores > own) & ~touched).sum(axis=1).tolist()
    assert n_tied.tolist() == (((scores == own) & ~touched).sum(axis=1) - 1).tolist()
    assert ranker.n_rivals.tolist() == ((~touched).sum(axis=1) - 1).tolist()
    assert best.tolist() == by_a_plain_sort(scores, touched, min(n, scores.shape[1]), tie_words(task))


def test_by_hand() -> None:
    """Item 0 was trained on, item 4 came later; of the others item 2 is held out: one better, one tied."""
    scores = np.array([[9.0, 3, 2, 2, 8, 1]])
    train, later = (np.arange(6) == 0)[None], (np.arange(6) == 4)[None]
    task = task_of(train, later, np.array([2]))
    ranker = CatalogueRanker(task, 100)
    n_better, n_tied, best = ranker.rank(scores, 0, slice(0, 1))
    assert (n_better.tolist(), n_tied.tolist(), ranker.n_rivals.tolist()) == ([1], [1], [3])
    tied = sorted([2, 3], key=lambda item: tie_words(task)[0][item])
    assert best.tolist() == [[1, *tied, 5, -1, -1]]


def test_some_rows_of_some_users_are_those_of_the_whole() -> None:
    """Evaluated are users 5, 2, 4, 0; what is scored begins with the second of them, and shared out are two of that."""
    rng = np.random.default_rng(0)
    scores, train = rng.integers(0, 9, (6, 40)).astype(float), rng.random((6, 40)) < 0.3
    train[:, :6] = False
    heldout, later = np.arange(6), np.zeros_like(train)
    whole = CatalogueRanker(task_of(train, later, heldout), 7)
    task, users = task_of(train, later, heldout), np.array([5, 2, 4, 0], dtype=np.int32)
    task.candidates = Evaluated(users, heldout[users].astype(np.int32))
    task.column_keys = task.column_keys[users]
    some = CatalogueRanker(task, 7)
    of_all, of_some = whole.rank(scores, 0, slice(0, 6)), some.rank(scores[users[1:]], 1, slice(1, 3))
    for found, expected in zip(of_some, of_all, strict=True):
        assert found.tolist() == expected[[4, 0]].tolist()
    assert some.n_rivals.tolist() == whole.n_rivals[users].tolist()


def test_equal_scores_are_in_another_order_for_each_user() -> None:
    """P16: a constant covers nearly the whole catalogue, as random lists do, and no low index is an advantage."""
    none = np.zeros((400, 300), dtype=bool)
    ranker = CatalogueRanker(task_of(none, none, np.arange(400) % 300), 10)
    _, _, best = ranker.rank(np.ones(none.shape), 0, slice(0, 400))
    assert len(set(map(tuple, best.tolist()))) == 400
    # Of 4,000 places each item has 13.3 on average; the chance that a given one has none is (1 - 1/30)^400.
    assert catalogue_coverage(best, 300, 10) > 0.99
    assert exposure_gini(best, 300, 10) < 0.2
    assert abs(best.mean() - 149.5) < 5


def test_the_orders_of_equal_scores_are_the_same_in_every_release() -> None:
    none = np.zeros((2, 10), dtype=bool)
    ranker = CatalogueRanker(task_of(none, none, np.array([3, 5])), 10)
    assert ranker.rank(np.ones((2, 10)), 0, slice(0, 2))[2].tolist() == [
        [6, 0, 2, 9, 7, 8, 3, 4, 1, 5],
        [6, 0, 5, 7, 9, 3, 1, 8, 2, 4],
    ]


def test_equal_scores_go_by_the_words_of_the_key_not_by_the_index() -> None:
    items = np.array([[1, 3, 4], [0, 3, 4], [1, -1, -1]])
    scores = np.array([[1.0, 1, 1], [2, 1, 3], [1, -np.inf, -np.inf]])
    keys = np.array([7, 7, 7], dtype=np.uint64)
    first = sorted([1, 3, 4], key=lambda item: int(words(keys[0], item)))
    assert in_order(items, scores, keys).tolist() == [first, [4, 0, 3], [1, -1, -1]]


@settings(deadline=None)
@given(
    arrays(np.float32, (3, 23), elements=st.integers(-2, 2).map(float)),
    arrays(np.bool_, (3, 23)),
    arrays(np.bool_, (3, 23)),
    st.integers(1, 30),
)
def test_all_is_as_counted_and_sorted(scores, train, later, n: int) -> None:
    """Up to five of 23 items the best of groups bound the search; for more, every item contends."""
    # Someone has to be held out, and nothing is touched twice.
    train[:, 7] = later[:, 7] = False
    check(scores, train, later & ~train, n)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 20, 499, 500, 999])
def test_many_items_with_few_equal_or_left_out(dtype, n: int) -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((8, 1_000)).astype(dtype)
    scores[1] = np.round(scores[1])
    scores[2] = 1.0
    scores[5] = np.arange(1_000)
    scores[6] = -np.arange(1_000)
    scores[7, :50] = np.finfo(dtype).min
    train = rng.random(scores.shape) < 0.1
    train[3, rng.permutation(1_000)[:-5]] = True
    train[4] = np.arange(1_000) > 0
    check(scores, train, np.zeros_like(train), n)


def test_rows_need_not_be_contiguous_nor_writable() -> None:
    scores = np.random.default_rng(0).standard_normal((40, 6)).T
    scores.flags.writeable = False
    none = np.zeros(scores.shape, dtype=bool)
    check(scores, none, none, 3)
    check(np.broadcast_to(scores[0], scores.shape), none, none, 3)

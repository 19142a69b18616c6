"""Walks against their definition, added up in the same order, so to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from recommenders.kernels import threads
from recommenders.kernels.walks import strongest_walks


def weighed(shape: tuple[int, int], seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return factors of items, users and items that are no powers of two, so that sums depend on their order."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.1, 1, shape[1]), rng.uniform(0.1, 1, shape[0]), rng.uniform(0.1, 1, shape[1])


def by_definition(touched: np.ndarray, factors: tuple[np.ndarray, ...], neighbors: int) -> np.ndarray:
    to_users, to_items, discounts = factors
    weights = np.zeros((touched.shape[1], touched.shape[1]))
    for item, row in enumerate(weights):
        for user in np.flatnonzero(touched[:, item]):
            row[touched[user]] += to_users[item] * to_items[user]
        row *= discounts
        row[item] = 0
        row[np.argsort(-row, kind="stable")[neighbors:]] = 0
    return weights


def found(touched: np.ndarray, factors: tuple[np.ndarray, ...], neighbors: int) -> csr_array:
    return strongest_walks(csr_array(touched.astype(np.float64)), *factors, neighbors)


@given(arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 8))), st.integers(1, 9), st.booleans())
def test_weights_are_those_of_the_definition(touched: np.ndarray, neighbors: int, are_equal: bool) -> None:
    factors = tuple(map(np.ones_like, weighed(touched.shape))) if are_equal else weighed(touched.shape)
    weights = found(touched, factors, neighbors)
    np.testing.assert_array_equal(weights.toarray(), by_definition(touched, factors, neighbors))
    assert weights.has_canonical_format
    assert (weights.data > 0).all()


@pytest.mark.parametrize("share", [0.001, 0.003, 0.02, 0.3])
@pytest.mark.parametrize("neighbors", [1, 9, 400])
def test_items_that_meet_few_and_items_that_meet_many(share: float, neighbors: int) -> None:
    rng = np.random.default_rng(0)
    touched = rng.random((150, 400)) < share * rng.random((150, 1))
    factors = weighed(touched.shape)
    np.testing.assert_array_equal(
        found(touched, factors, neighbors).toarray(), by_definition(touched, factors, neighbors)
    )


def test_any_number_of_threads_gives_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    touched = np.random.default_rng(1).random((90, 40)) < 0.2
    expected = by_definition(touched, weighed(touched.shape), 5)
    for n in (1, 2, 3, 64):
        monkeypatch.setattr(threads, "n_threads", lambda n=n: n)
        np.testing.assert_array_equal(found(touched, weighed(touched.shape), 5).toarray(), expected)


@pytest.mark.parametrize("n_users", [2, 40])
def test_steps_too_rare_for_a_number_lead_nowhere(n_users: int) -> None:
    """With many items or few, the chances of two steps may vanish, and then nothing is met."""
    touched = np.zeros((n_users, 1_000), np.bool_)
    touched[:, :2] = True
    tiny = np.full(1_000, 1e-200), np.full(n_users, 1e-200), np.ones(1_000)
    assert found(touched, tiny, 3).nnz == 0


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3, 1)])
def test_without_any_other_item_there_are_no_weights(shape: tuple[int, int]) -> None:
    weights = found(np.ones(shape, np.bool_), weighed(shape), 4)
    assert weights.shape == (shape[1], shape[1])
    assert weights.nnz == 0


def test_room_is_only_for_items_that_are_met() -> None:
    """50,000 items, each with a user of its own, and the first two with one in common."""
    own = np.arange(50_000)
    history = csr_array((np.ones(50_002), (np.append(own, [50_000, 50_000]), np.append(own, [0, 1]))))
    ones = np.ones(50_000), np.ones(50_001), np.ones(50_000)
    weights = strongest_walks(history, *ones, 10**9)
    assert weights.nnz == 2
    assert weights[[0]].toarray()[0, 1] == 1

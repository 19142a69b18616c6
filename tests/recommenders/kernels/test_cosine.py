"""Neighbours by cosine similarity against the definition, written out for dense matrices."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from recommenders.kernels import cosine, threads
from recommenders.kernels.cosine import nearest


def by_definition(sets: np.ndarray, neighbors: int, shrinkage: float) -> np.ndarray:
    """Return the similarities of the neighbours, to the last bit, ``(n_sets, n_sets)``, and zeros."""
    common = sets.astype(np.float64) @ sets.T.astype(np.float64)
    norms = np.sqrt(sets.sum(axis=1))
    similarities = common / np.maximum(norms[:, None] * norms + shrinkage, np.finfo(np.float64).tiny)
    np.fill_diagonal(similarities, 0)
    for row in similarities:
        row[np.argsort(-row, kind="stable")[neighbors:]] = 0
    return similarities


def of(sets: np.ndarray) -> csr_array:
    return csr_array(sets.astype(np.float64))


# Few members let many similarities be equal.
@given(
    arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 5))),
    st.integers(1, 14),
    st.sampled_from([0.0, 1.5, 100.0]),
)
def test_neighbours_are_those_of_the_definition(sets: np.ndarray, neighbors: int, shrinkage: float) -> None:
    found = nearest(of(sets), neighbors, shrinkage)
    np.testing.assert_array_equal(found.toarray(), by_definition(sets, neighbors, shrinkage))
    assert found.has_canonical_format
    assert (found.data > 0).all()


@pytest.mark.parametrize("share", [0.001, 0.003, 0.02, 0.06, 0.3, 1.0])
@pytest.mark.parametrize("neighbors", [1, 7, 60, 1000])
def test_sets_that_meet_few_and_sets_that_meet_many(share: float, neighbors: int) -> None:
    rng = np.random.default_rng(0)
    sets = rng.random((300, 200)) < share * rng.random((300, 1))
    np.testing.assert_array_equal(nearest(of(sets), neighbors, 2.0).toarray(), by_definition(sets, neighbors, 2.0))


def test_any_number_of_threads_gives_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    sets, found = of(np.random.default_rng(1).random((90, 40)) < 0.2), {}
    for n in (1, 2, 3, 64):
        monkeypatch.setattr(threads, "n_threads", lambda n=n: n)
        found[n] = nearest(sets, 5, 1.0)
    for part in ("indptr", "indices", "data"):
        for n in (2, 3, 64):
            np.testing.assert_array_equal(getattr(found[n], part), getattr(found[1], part))


def test_memory_is_only_for_existing_neighbours() -> None:
    """50,000 sets, each with a member of its own, and the first two with one in common."""
    own = np.arange(50_000)
    sets = csr_array((np.ones(50_002), (np.append(own, [0, 1]), np.append(own, [50_000, 50_000]))))
    found = nearest(sets, 10**9, 1.0)
    assert found.nnz == 2
    assert found[[0]].toarray()[0, 1] == pytest.approx(1 / (2 + 1))
    assert found.indices.dtype == found.indptr.dtype == np.int32


def test_indices_may_be_of_any_integer_type_and_in_any_order() -> None:
    sets = of(np.random.default_rng(2).random((30, 20)) < 0.3)
    expected = nearest(sets, 4, 1.0).toarray()
    order = np.concatenate([np.arange(end, start, -1) - 1 for start, end in pairwise(sets.indptr)])
    shuffled = csr_array((sets.data, sets.indices[order].astype(np.int64), sets.indptr.astype(np.int64)), sets.shape)
    np.testing.assert_array_equal(nearest(shuffled, 4, 1.0).toarray(), expected)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1)])
def test_without_any_other_set_there_are_no_neighbours(shape: tuple[int, int]) -> None:
    found = nearest(of(np.ones(shape, np.bool_)), 4, 1.0)
    assert found.shape == (shape[0], shape[0])
    assert found.nnz == 0


def test_of_equals_those_of_lower_index_by_hand() -> None:
    """Sets 1, 2 and 3 share one member of one with set 0, whose norm is 1: all at 1 / (1 + 1)."""
    found = nearest(of(np.ones((4, 1), np.bool_)), 2, 1.0)
    assert found.toarray().tolist() == [[0, 0.5, 0.5, 0], [0.5, 0, 0.5, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]]


def test_memory_is_that_of_members_and_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte and an index of four, of both; the meetings of all members at once would be 24 bytes more."""
    rng = np.random.default_rng(0)
    sets = csr_array(rng.random((500, 2_000)) < 0.2)
    expected = nearest(sets, 3, 1.0)
    monkeypatch.setattr(cosine, "BLOCK_MEMBERS", 2_000)
    tracemalloc.start()
    found = nearest(sets, 3, 1.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found != expected).nnz == 0
    assert peak < 14 * sets.nnz + 300_000

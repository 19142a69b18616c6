"""P3alpha and RP3beta against dense matrices of transition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.errors import RecommenderError
from recommenders.p3alpha import P3Alpha
from recommenders.rp3beta import RP3Beta

MATRICES = arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 6)))
NEIGHBORS_OF = st.sampled_from(["target", "both"])


def shares(matrix: np.ndarray) -> np.ndarray:
    """Return each row divided by its sum; zeros stay."""
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


def fitted(interactions_of, model, matrix: np.ndarray) -> np.ndarray:
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True)), *matrix.shape)
    model.fit(train, rng=np.random.default_rng(0))
    return model.score_all(np.arange(matrix.shape[0], dtype=np.int32))


def walks(matrix: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """Return the probabilities from item over user to item, to the power of alpha, over popularity to that of beta."""
    to_users, to_items = shares(matrix.T) ** alpha * matrix.T, shares(matrix) ** alpha * matrix
    weights = to_users @ to_items / np.maximum(matrix.sum(axis=0), 1) ** beta
    np.fill_diagonal(weights, 0)
    return weights


@given(MATRICES, st.sampled_from([0.0, 0.7, 1.0, 1.6]), st.sampled_from([0.0, 0.6, 1.0]), NEIGHBORS_OF)
def test_all_weights_are_products_of_dense_matrices(
    interactions_of, matrix, alpha: float, beta: float, neighbors_of: str
) -> None:
    ones = matrix.astype(float)
    model = RP3Beta(neighbors=6, alpha=alpha, beta=beta, normalize=False, neighbors_of=neighbors_of)
    np.testing.assert_allclose(fitted(interactions_of, model, matrix), ones @ walks(ones, alpha, beta), atol=1e-12)


@given(MATRICES)
def test_p3alpha_is_the_probability_of_three_steps(interactions_of, matrix) -> None:
    """Up to the user's number of items, and without the walks that come back to an item at once."""
    ones = matrix.astype(float)
    there = shares(ones)
    chances = there @ shares(ones.T) @ there - there @ np.diag(np.diag(shares(ones.T) @ there))
    scores = fitted(interactions_of, P3Alpha(neighbors=6, alpha=1.0, normalize=False), matrix)
    np.testing.assert_allclose(shares(ones).max(axis=1, keepdims=True) * scores, chances, atol=1e-12)


@given(MATRICES, st.integers(1, 5), st.booleans(), NEIGHBORS_OF)
def test_p3alpha_is_rp3beta_that_discounts_nothing(
    interactions_of, matrix, neighbors: int, normalize: bool, neighbors_of: str
) -> None:
    same = {"neighbors": neighbors, "alpha": 0.8, "normalize": normalize, "neighbors_of": neighbors_of}
    np.testing.assert_array_equal(
        fitted(interactions_of, P3Alpha(**same), matrix), fitted(interactions_of, RP3Beta(beta=0.0, **same), matrix)
    )


def cut(weights: np.ndarray, neighbors: int) -> np.ndarray:
    """Return the highest entries of each row; the others are zeros."""
    kept = np.zeros_like(weights)
    np.put_along_axis(kept, np.argsort(-weights, axis=1)[:, :neighbors], 1, axis=1)
    return weights * kept


def divided(weights: np.ndarray) -> np.ndarray:
    """Return each row divided by its sum; rows of zeros stay."""
    sums = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)


def cut_to_targets(weights: np.ndarray, neighbors: int, normalize: bool) -> np.ndarray:
    weights = cut(weights.T, neighbors).T
    return divided(weights) if normalize else weights


def cut_to_both(weights: np.ndarray, neighbors: int, normalize: bool) -> np.ndarray:
    weights = cut(weights, neighbors)
    return cut((divided(weights) if normalize else weights).T, neighbors).T


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("neighbors", [2, 3, 8])
@pytest.mark.parametrize(("neighbors_of", "steps"), [("target", cut_to_targets), ("both", cut_to_both)])
def test_weights_are_cut_and_divided_in_order(
    interactions_of, neighbors_of: str, steps, neighbors: int, normalize: bool
) -> None:
    matrix = np.random.default_rng(4).random((300, 12)) < np.linspace(0.1, 0.6, 12)
    ones = matrix.astype(float)
    weights = walks(ones, 0.9, 0.5)
    off_diagonal = weights[~np.eye(12, dtype=bool)].reshape(12, 11)
    assert np.diff(np.sort(off_diagonal, axis=1)).min() > 1e-9, "equal weights would be cut either way"
    model = RP3Beta(neighbors=neighbors, alpha=0.9, beta=0.5, normalize=normalize, neighbors_of=neighbors_of)
    expected = ones @ steps(weights, neighbors, normalize)
    np.testing.assert_allclose(fitted(interactions_of, model, matrix), expected, atol=1e-12)


def test_of_equal_weights_to_an_item_those_of_lower_index_are_kept(interactions_of) -> None:
    """Any two items have two users in common: item 0 keeps the weight from item 1, the others that from item 0."""
    train = interactions_of([(user, item) for user in range(2) for item in range(4)] + [(2, 2), (3, 0)], 4, 4)
    model = P3Alpha(neighbors=1, alpha=0.0, normalize=False).fit(train, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(model.score_all(np.array([2, 3], np.int32)), [[0, 0, 0, 0], [0, 2, 2, 2]])


@pytest.mark.parametrize("model", [P3Alpha(neighbors=15), RP3Beta(neighbors=15)], ids=["p3alpha", "rp3beta"])
def test_the_checkerboard_is_seen(checkerboard, sees_the_board, model) -> None:
    assert sees_the_board(model.fit(checkerboard, rng=np.random.default_rng(0))) == 1


def test_beta_prefers_rare_items(interactions_of) -> None:
    """From item 0 as many walks go to item 1, which five touched, as to item 2, which one touched, per user of both."""
    train = interactions_of([(0, 0), (1, 0), (1, 1), (2, 0), (2, 2), *((user, 1) for user in range(3, 7))], 7, 3)
    users = np.array([0], np.int32)
    plain, discounted = (
        RP3Beta(beta=beta, normalize=False).fit(train, rng=np.random.default_rng(0)).score_all(users)[0]
        for beta in (0.0, 1.0)
    )
    assert plain[1] == plain[2]
    assert discounted[2] == pytest.approx(5 * discounted[1])


@pytest.mark.parametrize("parameters", [{"neighbors": 0}, {"alpha": -0.1}, {"beta": -0.1}, {"neighbors_of": "origin"}])
def test_limits(parameters) -> None:
    for model in (P3Alpha, RP3Beta):
        if "beta" not in parameters or model is RP3Beta:
            with pytest.raises(RecommenderError, match=next(iter(parameters))):
                model(**parameters)

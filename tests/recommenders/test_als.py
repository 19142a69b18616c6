"""ALS against dense normal equations, and its objective against the definition."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.als import ALS
from recommenders.kernels import threads
from recommenders.parts.factors import initial_vectors


def dense_update(ones: np.ndarray, given: np.ndarray, model: ALS) -> np.ndarray:
    """Solve for each row's vector by weighted least squares over all columns (Hu et al. 2008, eq. 4).

    A touched column weighs 1 + w and an untouched one w; the target of a touched one is 1 / (1 + w), so that the loss
    is the one of two sums, up to a constant.
    """
    weight = model.unobserved_weight
    solved = np.zeros((ones.shape[0], given.shape[1]))
    for row, touched in enumerate(ones):
        confidence = np.diag(weight + touched)
        frequency = touched.sum() + weight * ones.shape[1]
        penalty = model.reg * frequency**model.reg_exponent * np.eye(given.shape[1])
        solved[row] = np.linalg.solve(given.T @ confidence @ given + penalty, given.T @ touched)
    return solved


@pytest.mark.parametrize(("reg_exponent", "weight"), [(1.0, 0.3), (0.0, 2.0), (0.5, 0.05)])
def test_an_epoch_is_two_dense_updates(interactions_of, reg_exponent: float, weight: float) -> None:
    rng = np.random.default_rng(3)
    # Counts from 0 to 25.
    ones = (rng.random((40, 25)) < np.linspace(0, 1, 40)[:, None]).astype(float)
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(ones)), strict=True)), *ones.shape)
    model = ALS(embedding_size=5, epochs=1, reg=0.1, unobserved_weight=weight, reg_exponent=reg_exponent)
    loss = next(model.fit_epochs(train, rng=np.random.default_rng(0)))

    draws = np.random.default_rng(0)
    initial_vectors(40, 5, draws)
    items = initial_vectors(25, 5, draws).astype(np.float64)
    users = dense_update(ones, items, model)
    items = dense_update(ones.T, users, model)
    predictions = users @ items.T
    np.testing.assert_allclose(model.score_all(np.arange(40, dtype=np.int32)), predictions, rtol=1e-4, atol=1e-5)

    def lengths(vectors: np.ndarray, matrix: np.ndarray) -> float:
        frequencies = matrix.sum(axis=1) + weight * matrix.shape[1]
        return float(model.reg * frequencies**reg_exponent @ np.sum(vectors**2, axis=1))

    objective = np.sum(ones * (predictions - 1) ** 2) + weight * np.sum(predictions**2)
    objective += lengths(users, ones) + lengths(items, ones.T)
    assert loss == pytest.approx(objective / ones.sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("n_users", "n_items", "n_interactions", "weight"),
    [
        (943, 1680, 98_114, 0.2),  # ml-100k, validation: .8 * sqrt(.0619) = .1991
        (943, 1682, 99_057, 0.2),  # ml-100k, test: .8 * sqrt(.0625) = .1999
        (6_040, 3_704, 988_129, 0.17),  # ml-1m: .8 * sqrt(.0442) = .1681
        (22_363, 12_092, 153_776, 0.019),  # amazon-beauty: .8 * sqrt(.000569) = .0191
        (10, 10, 100, 0.8),
        (10**6, 10**6, 100, 0.0001),
        (3, 0, 0, 0.0001),
    ],
)
def test_the_automatic_weight_follows_the_density(
    n_users: int, n_items: int, n_interactions: int, weight: float
) -> None:
    assert ALS().weight_for(n_users, n_items, n_interactions) == weight
    assert ALS(unobserved_weight=0.3).weight_for(n_users, n_items, n_interactions) == 0.3


def test_the_automatic_weight_is_that_of_the_training_interactions(checkerboard) -> None:
    weight = ALS().weight_for(checkerboard.n_users, checkerboard.n_items, len(checkerboard))
    scores = [
        fitted(checkerboard, epochs=2, embedding_size=3, **given).score_all(np.array([0, 1], np.int32))
        for given in ({}, {"unobserved_weight": weight}, {"unobserved_weight": weight / 2})
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])


def fitted(train, **parameters) -> ALS:
    return ALS(**parameters).fit(train, rng=np.random.default_rng(0))


def test_many_steps_of_conjugate_gradients_solve_exactly(checkerboard) -> None:
    users, same = np.arange(40, dtype=np.int32), {"embedding_size": 3, "epochs": 2}
    exact, stepwise = (fitted(checkerboard, **same, cg_steps=n).score_all(users) for n in (0, 30))
    np.testing.assert_allclose(stepwise, exact, rtol=1e-3, atol=1e-4)


def test_the_loss_after_a_few_steps_is_the_objective(checkerboard) -> None:
    model = ALS(embedding_size=5, epochs=2, reg=0.1, unobserved_weight=0.3, cg_steps=1)
    *_, loss = model.fit_epochs(checkerboard, rng=np.random.default_rng(0))
    ones = checkerboard.to_csr(np.float64).toarray()
    users, items = (vectors.astype(np.float64) for vectors in (model._state.users, model._state.items))
    predictions = users @ items.T
    objective = np.sum(ones * (predictions - 1) ** 2) + 0.3 * np.sum(predictions**2)
    for vectors, matrix in ((users, ones), (items, ones.T)):
        objective += 0.1 * (matrix.sum(axis=1) + 0.3 * matrix.shape[1]) @ np.sum(vectors**2, axis=1)
    assert loss == pytest.approx(objective / ones.sum(), rel=1e-5)


@pytest.mark.parametrize("cg_steps", [0, 1])
def test_the_objective_never_rises(checkerboard, cg_steps: int) -> None:
    model = ALS(embedding_size=2, epochs=20, cg_steps=cg_steps)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert all(later <= earlier * (1 + 1e-6) for earlier, later in pairwise(losses))
    assert losses[-1] < 0.8 * losses[0]


def test_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    assert sees_the_board(ALS(embedding_size=2).fit(checkerboard, rng=np.random.default_rng(0))) == 1


@pytest.mark.parametrize("cg_steps", [0, 3])
def test_any_number_of_threads_gives_the_same_to_the_last_bit(
    monkeypatch: pytest.MonkeyPatch, checkerboard, cg_steps: int
) -> None:
    def scores(n_threads: int) -> np.ndarray:
        monkeypatch.setattr(threads, "n_threads", lambda: n_threads)
        model = fitted(checkerboard, embedding_size=20, epochs=2, cg_steps=cg_steps)
        return model.score_all(np.arange(checkerboard.n_users, dtype=np.int32))

    np.testing.assert_array_equal(scores(1), scores(3))


@pytest.mark.parametrize(
    "parameters",
    [
        {"reg": 0.0},
        {"unobserved_weight": 0.0},
        {"unobserved_weight": "some"},
        {"embedding_size": 0},
        {"epochs": -1},
        {"cg_steps": -1},
    ],
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        ALS(**parameters)


def test_memory_is_that_of_both_directions(interactions_of) -> None:
    """A byte and an index of four for each interaction, in two directions; values of four bytes would be 16."""
    train = interactions_of([(user, item) for user in range(400) for item in range(user % 2, 800, 2)], 400, 800)
    model = ALS(embedding_size=2, epochs=2)
    tracemalloc.start()
    model.fit(train, rng=np.random.default_rng(0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 13 * len(train) + 500_000

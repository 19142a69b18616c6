"""LightGCN: a step against the definition, and what many steps learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.kernels import sampling
from recommenders.light_gcn import LightGCN
from recommenders.parts import descent


def passed_on(table: np.ndarray, ones: np.ndarray, n_layers: int) -> np.ndarray:
    n_users, n_items = ones.shape
    adjacency = np.block([[np.zeros((n_users, n_users)), ones], [ones.T, np.zeros((n_items, n_items))]])
    scales = np.maximum(adjacency.sum(axis=1), 1) ** -0.5
    adjacency = scales[:, None] * adjacency * scales
    layers = [table]
    for _ in range(n_layers):
        layers.append(adjacency @ layers[-1])
    return sum(layers) / (n_layers + 1)


def test_each_batch_gives_the_gradient_of_the_whole_objective(monkeypatch: pytest.MonkeyPatch, interactions_of) -> None:
    rng = np.random.default_rng(3)
    ones = (rng.random((6, 5)) < 0.5).astype(float)
    train = interactions_of(list(zip(*(axis.tolist() for axis in np.nonzero(ones)), strict=True)), *ones.shape)
    batches, gradients = [], []
    draw = sampling.Sampler.compared
    monkeypatch.setattr(sampling.Sampler, "compared", lambda sampler: batches.extend(draw(sampler)) or batches[-1:])
    monkeypatch.setattr(descent.Descent, "step", lambda model, rate: gradients.append(model.gradients[0].copy()))
    model = LightGCN(embedding_size=3, n_layers=2, epochs=1, reg=0.5, init_std=1.0)
    (loss,) = model.fit_epochs(train, rng=np.random.default_rng(0))

    draws = np.random.default_rng(0)
    sampling.Sampler.of(train, draws)
    table = draws.standard_normal((11, 3), dtype=np.float32).astype(np.float64)
    rows = batches[0] + np.array([0, 6, 6])

    def objective(values: np.ndarray) -> float:
        final = passed_on(values, ones, 2)
        margins = np.sum(final[rows[:, 0]] * (final[rows[:, 1]] - final[rows[:, 2]]), axis=1)
        return float(np.mean(np.log1p(np.exp(-margins))) + 0.25 * np.mean(np.sum(values[rows] ** 2, axis=(1, 2))))

    expected = np.zeros_like(table)
    for place in np.ndindex(table.shape):
        change = np.zeros_like(table)
        change[place] = 1e-5
        expected[place] = (objective(table + change) - objective(table - change)) / 2e-5
    np.testing.assert_allclose(gradients, [expected], atol=1e-5)
    assert loss == pytest.approx(objective(table) - 0.25 * np.mean(np.sum(table[rows] ** 2, axis=(1, 2))), rel=1e-4)


@pytest.mark.parametrize(
    ("batch_size", "n", "expected"),
    [("auto", 99_057, 8192), ("auto", 8192 * 13, 8192), ("auto", 10**7, 769_231), (2048, 10**7, 2048)],
)
def test_batches_grow_with_the_interactions(batch_size, n: int, expected: int) -> None:
    """MovieLens-100K has 99,057 in the test task; 10^7 are 13 batches of 769,231, of which the last has 3 fewer."""
    assert LightGCN(batch_size=batch_size)._batch_size_for(n) == expected


def test_no_layers_are_matrix_factorisation(checkerboard) -> None:
    model = LightGCN(embedding_size=4, n_layers=0, epochs=0).fit(checkerboard, rng=np.random.default_rng(0))
    rng = np.random.default_rng(0)
    sampling.Sampler.of(checkerboard, rng)
    table = 0.1 * rng.standard_normal((70, 4), dtype=np.float32)
    np.testing.assert_allclose(
        model.score_all(np.arange(40, dtype=np.int32)), table[:40] @ table[40:].T, rtol=1e-4, atol=1e-7
    )


def test_the_loss_falls_and_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    model = LightGCN(embedding_size=8, n_layers=3, epochs=20, learning_rate=0.01, batch_size=64)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert losses[0] == pytest.approx(math.log(2), abs=0.02)
    assert losses[-1] < 0.4
    assert sees_the_board(model) > 0.97


@pytest.mark.parametrize(
    "parameters",
    [
        {"embedding_size": 0},
        {"n_layers": -1},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"reg": -1.0},
        {"init_std": 0.0},
        {"epochs": -1},
    ],
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        LightGCN(**parameters)

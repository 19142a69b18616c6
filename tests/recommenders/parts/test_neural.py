"""The base of GMF, MLP and NeuMF: limits, and a mean loss that falls."""

from __future__ import annotations

import math

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.gmf import GMF
from recommenders.mlp import MLP
from recommenders.neumf import NeuMF

MODELS = [GMF, MLP, NeuMF]


@pytest.mark.parametrize("cls", MODELS)
@pytest.mark.parametrize(
    "parameters",
    [
        {"embedding_size": 0},
        {"epochs": -1},
        {"learning_rate": 0.0},
        {"reg": -1e-9},
        {"weight_decay": -1e-9},
        {"batch_size": 0},
        {"n_negatives": -1},
        {"init_std": 0.0},
    ],
)
def test_limits(cls, parameters) -> None:
    with pytest.raises(RecommenderError, match=f"{cls.__name__}: {next(iter(parameters))} is"):
        cls(**parameters)


@pytest.mark.parametrize("cls", [MLP, NeuMF])
def test_layers_have_a_width(cls) -> None:
    with pytest.raises(RecommenderError, match="layers"):
        cls(layers=(8, 0))


@pytest.mark.parametrize("cls", MODELS)
def test_the_loss_falls_and_the_checkerboard_is_seen(cls, checkerboard, sees_the_board) -> None:
    model = cls(embedding_size=4, epochs=10, learning_rate=0.02, batch_size=128)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    # Nothing known, each of a positive and four negatives costs ln 2.
    assert losses[0] < 1.01 * math.log(2)
    assert losses[-1] < 0.7 * losses[0]
    assert sees_the_board(model) > 0.97


@pytest.mark.parametrize("cls", MODELS)
def test_all_vectors_begin_with_init_std(cls, checkerboard) -> None:
    """There are so many vectors that the layers, which start with other values, do not matter."""
    layers = {} if cls is GMF else {"layers": (2,)}
    model = cls(embedding_size=500, init_std=0.5, **layers)
    network = model.new_network(checkerboard, np.random.default_rng(0))
    assert float(network.parameters.std()) == pytest.approx(0.5, rel=0.05)


def test_reg_holds_vectors_back_by_their_use_and_weight_decay_does_not(interactions_of) -> None:
    """Each of 1,200 users has a small share in the mean of a batch: decay makes all scores equal, reg does no harm."""
    rng = np.random.default_rng(0)
    own = {user: np.arange(user % 2, 30, 2) for user in range(1200)}
    train = interactions_of([(u, i) for u in own for i in rng.choice(own[u], 9, replace=False).tolist()], 1200, 30)

    def spread(**parameters: float) -> float:
        model = GMF(embedding_size=4, epochs=8, learning_rate=0.01, batch_size=256, **parameters)
        return float(np.std(model.fit(train, rng=np.random.default_rng(0)).score_all(np.arange(1200, dtype=np.int32))))

    assert spread(reg=0.003) > 1
    assert spread(reg=0.0, weight_decay=0.003) < 0.01

"""MLP: the shape that was asked for, and the post's."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import registry
from recommenders.mlp import MLP


def shapes(model: MLP, train) -> list[tuple[int, ...]]:
    network = model.new_network(train, np.random.default_rng(0))
    return [tuple(parameter.shape) for parameter in network.parameters()]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [((), [(1, 6), (1,)]), ((7,), [(7, 6), (7,), (1, 7), (1,)])],
)
def test_the_network_has_the_shape_asked_for(checkerboard, layers, expected) -> None:
    assert shapes(MLP(embedding_size=3, layers=layers), checkerboard) == [(40, 3), (30, 3), *expected]


def test_the_post_is_16_32_16_8(checkerboard) -> None:
    entry = registry.find("mlp_post")
    model = registry.build(registry.load_class(entry), entry.preset)
    assert model == MLP(
        embedding_size=8,
        layers=(32, 16, 8),
        epochs=30,
        learning_rate=0.001,
        reg=0.0,
        weight_decay=1e-5,
        batch_size=256,
        n_negatives=4,
    )
    assert shapes(model, checkerboard) == [
        *((40, 8), (30, 8)),
        *((32, 16), (32,)),
        *((16, 32), (16,)),
        *((8, 16), (8,)),
        *((1, 8), (1,)),
    ]

"""MLP: the shape that was asked for, and the post's."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import registry
from recommenders.kernels.layout import n_parameters
from recommenders.mlp import MLP


def network_of(model: MLP, train):
    return model.new_network(train, np.random.default_rng(0))


@pytest.mark.parametrize(("layers", "widths"), [((), (6, 1)), ((7,), (6, 7, 1))])
def test_the_network_has_the_shape_asked_for(checkerboard, layers, widths) -> None:
    network = network_of(MLP(embedding_size=3, layers=layers), checkerboard)
    assert (network.n_users, network.n_items, network.gmf_size, network.widths) == (40, 30, 0, widths)
    assert network.parameters.size == n_parameters(40, 30, 0, widths)


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
        init_std=1.0,
    )
    assert network_of(model, checkerboard).widths == (16, 32, 16, 8, 1)

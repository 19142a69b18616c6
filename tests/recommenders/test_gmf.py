"""GMF: the size that was asked for."""

from __future__ import annotations

import numpy as np

from recommenders.gmf import GMF


def test_the_network_has_the_size_asked_for(checkerboard) -> None:
    network = GMF(embedding_size=5).new_network(checkerboard, np.random.default_rng(0))
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    assert shapes == [(40, 5), (30, 5), (1, 5), (1,)]

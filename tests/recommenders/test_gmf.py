"""GMF: the size that was asked for."""

from __future__ import annotations

import numpy as np

from recommenders.gmf import GMF
from recommenders.kernels.layout import n_parameters


def test_the_network_has_the_size_asked_for(checkerboard) -> None:
    network = GMF(embedding_size=5).new_network(checkerboard, np.random.default_rng(0))
    assert (network.n_users, network.n_items, network.gmf_size, network.widths) == (40, 30, 5, (1,))
    assert network.parameters.size == n_parameters(40, 30, 5, (1,))

"""NeuMF: two parts of the requested size, and the start after pre-training."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.gmf import GMF
from recommenders.kernels.layout import n_parameters
from recommenders.mlp import MLP
from recommenders.neumf import NeuMF
from recommenders.parts.pointwise import pointwise_epochs

SHARED = {
    "embedding_size": 4,
    "learning_rate": 0.01,
    "reg": 1e-3,
    "weight_decay": 1e-5,
    "batch_size": 64,
    "n_negatives": 2,
    "init_std": 0.05,
}


def test_the_network_has_vectors_of_its_own_for_each_part(checkerboard) -> None:
    network = NeuMF(embedding_size=3, layers=(5,)).new_network(checkerboard, np.random.default_rng(0))
    assert (network.n_users, network.n_items, network.gmf_size, network.widths) == (40, 30, 3, (6, 5, 1))
    assert network.parameters.size == n_parameters(40, 30, 3, (6, 5, 1))


def test_it_begins_with_the_mean_of_a_fitted_gmf_and_mlp(checkerboard) -> None:
    """The paper's alpha of one half; the fits are those that the two models make on their own."""
    model = NeuMF(**SHARED, layers=(6,), pretraining_epochs=3)
    network = model.new_network(checkerboard, np.random.default_rng(0))

    rng = np.random.default_rng(0)
    parts = GMF(**SHARED, epochs=3), MLP(**SHARED, layers=(6,), epochs=3)
    networks = [part.new_network(checkerboard, rng) for part in parts]
    for part, its_network in zip(parts, networks, strict=True):
        assert len(list(pointwise_epochs(its_network, part, checkerboard, rng))) == 3
    users = np.arange(40, dtype=np.int32)
    expected = sum(its_network.scorer().score_all(users) for its_network in networks) / 2
    np.testing.assert_allclose(network.scorer().score_all(users), expected, rtol=1e-5)


def test_pretraining_is_not_counted_as_epochs(checkerboard) -> None:
    plain, pretrained = (
        list(
            NeuMF(**SHARED, layers=(6,), epochs=2, pretraining_epochs=epochs).fit_epochs(
                checkerboard, rng=np.random.default_rng(0)
            )
        )
        for epochs in (0, 20)
    )
    assert len(plain) == len(pretrained) == 2
    assert pretrained[0] < plain[1]


def test_limits() -> None:
    with pytest.raises(RecommenderError, match="pretraining_epochs"):
        NeuMF(pretraining_epochs=-1)

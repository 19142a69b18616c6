"""NeuMF: two parts of the size asked for, and where pre-training leaves them."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.gmf import GMF
from recommenders.mlp import MLP
from recommenders.neumf import NeuMF

SHARED = {
    "embedding_size": 4,
    "learning_rate": 0.01,
    "reg": 1e-3,
    "weight_decay": 1e-5,
    "batch_size": 64,
    "n_negatives": 2,
}


def test_the_network_has_vectors_of_its_own_for_each_part(checkerboard) -> None:
    network = NeuMF(embedding_size=3, layers=(5,)).new_network(checkerboard, np.random.default_rng(0))
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    gmf = [(40, 3), (30, 3), (1, 3), (1,)]
    assert shapes == [*gmf, (40, 3), (30, 3), (5, 6), (5,), (1, 5), (1,)]


def test_it_begins_with_the_mean_of_a_fitted_gmf_and_mlp(checkerboard) -> None:
    """The paper's alpha of one half; the fits are those that the two models make on their own."""
    import torch

    from recommenders.pointwise import pointwise_epochs

    model = NeuMF(**SHARED, layers=(6,), pretraining_epochs=3)
    network = model.new_network(checkerboard, np.random.default_rng(0))

    rng = np.random.default_rng(0)
    parts = GMF(**SHARED, epochs=3), MLP(**SHARED, layers=(6,), epochs=3)
    networks = [part.new_network(checkerboard, rng) for part in parts]
    for part, its_network in zip(parts, networks, strict=True):
        assert len(list(pointwise_epochs(its_network, part, checkerboard, rng))) == 3
    users, items = torch.arange(30), torch.arange(30)
    expected = sum(its_network(users, items)[0] for its_network in networks) / 2
    torch.testing.assert_close(network(users, items)[0], expected)


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

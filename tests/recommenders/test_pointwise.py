"""Pointwise training: what it is shown, and that it is Adam on binary cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.gmf import GMF
from recommenders.negative_sampling import NegativeSampler


def test_pairs_are_interactions_and_fresh_negatives(checkerboard) -> None:
    from recommenders.pointwise import labelled_pairs

    rng = np.random.default_rng(0)
    sampler = NegativeSampler.of(checkerboard)
    (users, items, labels), (_, later, _) = (labelled_pairs(checkerboard, sampler, 3, rng) for _ in range(2))
    positives = labels == 1
    assert labels.size == 4 * len(checkerboard)
    assert labels.dtype == np.float32
    np.testing.assert_array_equal(users[positives], checkerboard.users)
    np.testing.assert_array_equal(items[positives], checkerboard.items)
    np.testing.assert_array_equal(users[~positives], np.repeat(checkerboard.users, 3))
    assert not checkerboard.to_csr(np.bool_).toarray()[users[~positives], items[~positives]].any()
    assert not np.array_equal(items[~positives], later[~positives])


def test_whoever_touched_everything_has_no_negatives(interactions_of) -> None:
    from recommenders.pointwise import labelled_pairs

    train = interactions_of([(0, 0), (0, 1), (1, 1)], 2, 2)
    users, items, labels = labelled_pairs(train, NegativeSampler.of(train), 2, np.random.default_rng(0))
    assert users.tolist() == [0, 0, 1, 1, 1]
    assert items.tolist() == [0, 1, 1, 0, 0]
    assert labels.tolist() == [1, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [({}, [2.25, 1.75]), ({"weight_decay": 0.1}, [1.75, 1.75]), ({"reg": 0.1}, [1.75, 1.75])],
    ids=["none", "weight decay", "reg"],
)
def test_a_batch_is_a_step_of_adam_by_hand(interactions_of, penalty, expected) -> None:
    """Adam's first step is the learning rate times the sign of the gradient."""
    import torch

    from recommenders.pointwise import pointwise_epochs

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.logits = torch.nn.Parameter(torch.tensor([2.0, 2.0]))

        def forward(self, users: torch.Tensor, items: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.logits[items.long()], self.logits[items.long()].square()

    train = interactions_of([(0, 0)], 1, 2)
    network = Logits()
    model = GMF(epochs=1, learning_rate=0.25, batch_size=8, n_negatives=1, **({"reg": 0.0} | penalty))
    (loss,) = pointwise_epochs(network, model, train, np.random.default_rng(0))
    # Item 0 is a 1 and item 1 a 0: -ln sigmoid(2) and -ln sigmoid(-2), halved; a penalty is no part of it.
    assert loss == pytest.approx((np.log1p(np.exp(-2)) + np.log1p(np.exp(2))) / 2)
    # The gradients are -.0596 and .4404. Weight decay adds .1 * 2 and reg, as the mean over two pairs, .1 * 2 / 2:
    # either turns the first one's sign.
    assert network.logits.tolist() == pytest.approx(expected)


def test_the_seed_of_torch_comes_from_rng() -> None:
    from recommenders.pointwise import torch_generator

    seeds = [torch_generator(np.random.default_rng(seed)).initial_seed() for seed in (0, 0, 1)]
    assert seeds[0] == seeds[1] != seeds[2]

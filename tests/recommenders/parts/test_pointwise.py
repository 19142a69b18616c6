"""Pointwise training: its examples, and that a batch is a step of Adam on binary cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.gmf import GMF
from recommenders.kernels import pointwise as kernel
from recommenders.kernels.arrays import zeros
from recommenders.kernels.layout import n_parameters, parts
from recommenders.parts.networks import Network
from recommenders.parts.pointwise import pointwise_epochs


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [({}, [2.25, 1.75]), ({"weight_decay": 0.1}, [1.75, 1.75]), ({"reg": 0.1}, [1.75, 1.75])],
    ids=["none", "weight decay", "reg"],
)
def test_a_batch_is_a_step_of_adam_by_hand(interactions_of, penalty, expected) -> None:
    """Adam's first step is the learning rate times the sign of the gradient."""
    train = interactions_of([(0, 0)], 1, 2)
    # The user's vector is (1), the items' are (2) and (2), the weight is 1 and the bias 0: the logits are 2.
    network = Network(1, 2, 1, (1,), zeros(n_parameters(1, 2, 1, (1,))))
    users, items, output, *_ = parts(network.parameters, 1, 2, 1, 0)
    users[:], items[:], output[:] = 1, 2, [[1, 0]]
    model = GMF(epochs=1, learning_rate=0.25, batch_size=8, n_negatives=1, **({"reg": 0.0} | penalty))
    (loss,) = pointwise_epochs(network, model, train, np.random.default_rng(0))
    # Item 0 is a 1 and item 1 a 0: -ln sigmoid(2) and -ln sigmoid(-2), halved; a penalty is no part of it.
    assert loss == pytest.approx((np.log1p(np.exp(-2)) + np.log1p(np.exp(2))) / 2)
    # The items' gradients are -.0596 and .4404. Weight decay adds .1 * 2, and reg, as the mean over two pairs,
    # .1 * 2 / 2: either turns the first one's sign.
    assert items.ravel().tolist() == pytest.approx(expected)


def test_each_epoch_has_the_interactions_and_fresh_negatives(
    monkeypatch: pytest.MonkeyPatch, checkerboard, interactions_of
) -> None:
    seen = []

    def train(examples, *rest, totals) -> None:
        member, _, _ = rest[-3:]
        if member == 0:
            seen.append(examples)
            totals[:] = 2, 3

    monkeypatch.setattr(kernel, "train", train)
    model = GMF(epochs=2, n_negatives=3)
    network = model.new_network(checkerboard, np.random.default_rng(0))
    losses = list(pointwise_epochs(network, model, checkerboard, np.random.default_rng(0)))
    assert losses == [5 / (4 * len(checkerboard))] * 2
    pairs = [{tuple(pair) for pair in examples[examples[:, 2] == 1, :2].tolist()} for examples in seen]
    assert pairs[0] == pairs[1] == set(zip(checkerboard.users.tolist(), checkerboard.items.tolist(), strict=True))
    assert not np.array_equal(np.sort(seen[0], axis=0), np.sort(seen[1], axis=0))


def test_adam_counts_its_steps_through_the_epochs(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    """360 interactions and as many negatives make 8 batches of 100."""
    n_steps = []

    def train(*arguments, totals) -> None:
        *_, steps_before, _, _, _, member, _, _ = arguments
        if member == 0:
            n_steps.append(steps_before)

    monkeypatch.setattr(kernel, "train", train)
    model = GMF(epochs=3, n_negatives=1, batch_size=100)
    network = model.new_network(checkerboard, np.random.default_rng(0))
    assert len(list(pointwise_epochs(network, model, checkerboard, np.random.default_rng(0)))) == 3
    assert n_steps == [0, 8, 16]

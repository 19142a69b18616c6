"""Mult-VAE: the inputs of its training, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.multi_vae import MultiVAE
from recommenders.parts import autoencoder


def seen_by(monkeypatch: pytest.MonkeyPatch, model: MultiVAE, train) -> list[tuple]:
    """Return what each batch is given."""
    calls = []

    def add_gradients(network, items, inputs, noise, kl_weight):
        calls.append((items.toarray(), inputs.toarray(), noise, kl_weight))
        return 2.0 * items.shape[0]

    monkeypatch.setattr(autoencoder.Autoencoder, "add_gradients", add_gradients)
    assert list(model.fit_epochs(train, rng=np.random.default_rng(0))) == [2.0] * model.epochs
    return calls


def test_an_epoch_visits_each_user_with_items_once(monkeypatch: pytest.MonkeyPatch, interactions_of) -> None:
    train = interactions_of([(0, 0), (1, 1), (1, 2), (3, 0), (3, 2), (4, 1)], 6, 3)
    calls = seen_by(monkeypatch, MultiVAE(epochs=2, batch_size=3, dropout=0.0), train)
    assert [items.shape[0] for items, *_ in calls] == [3, 1, 3, 1]
    rows = sorted(row.tolist() for items, *_ in calls[:2] for row in items)
    assert rows == sorted(row for row in train.to_csr().toarray().tolist() if any(row))
    for items, inputs, _, _ in calls:
        np.testing.assert_allclose(inputs, items / np.sqrt(items.sum(axis=1, keepdims=True)), rtol=1e-6)


def test_dropout_hides_a_share_and_raises_the_rest(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    """360 interactions, a quarter hidden: between 60 and 120 but once in 10,000 times. Of 9 each weighs 1/3 / .75."""
    ((items, inputs, _, _),) = seen_by(monkeypatch, MultiVAE(epochs=1, dropout=0.25), checkerboard)
    shown = inputs[items > 0]
    assert 60 < np.count_nonzero(shown == 0) < 120
    np.testing.assert_allclose(shown[shown > 0], 1 / 3 / 0.75, rtol=1e-6)
    assert not inputs[items == 0].any()


def test_the_divergence_is_annealed(monkeypatch: pytest.MonkeyPatch, checkerboard) -> None:
    weights = [
        weight for *_, weight in seen_by(monkeypatch, MultiVAE(epochs=5, kl_weight=0.8, anneal_epochs=4), checkerboard)
    ]
    assert weights == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    weights = [
        weight for *_, weight in seen_by(monkeypatch, MultiVAE(epochs=2, kl_weight=0.8, anneal_epochs=0), checkerboard)
    ]
    assert weights == [0.8, 0.8]


def test_the_loss_falls_and_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    model = MultiVAE(embedding_size=4, layers=(16,), epochs=80, learning_rate=0.01, kl_weight=0.1)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    # Nine items of thirty, all equally likely.
    assert losses[0] == pytest.approx(9 * np.log(30), rel=0.03)
    assert losses[-1] < 9 * np.log(17)
    assert sees_the_board(model) > 0.97


@pytest.mark.parametrize(
    "parameters",
    [
        {"embedding_size": 0},
        {"layers": (3, 0)},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"kl_weight": -1.0},
        {"anneal_epochs": -1},
        {"epochs": -1},
    ],
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        MultiVAE(**parameters)

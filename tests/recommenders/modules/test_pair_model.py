"""Modules of pairs, trained and scored: they learn, by every loss; equal seeds give equal figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from modules_to_train import OwnWay, PostMLP, TwoTower
from torch import nn

from protocol.errors import NotFittedError, RecommenderError
from recommenders.modules import pairs, scoring

USERS = np.arange(40, dtype=np.int32)
ITEMS = np.tile(np.arange(30, dtype=np.int32), (40, 1))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("module_class", "parameters"),
    [
        (TwoTower, {"loss": "bpr"}),
        (TwoTower, {"loss": "bce"}),
        (TwoTower, {"loss": "softmax"}),
        (TwoTower, {"loss": "cross_entropy", "batch_size": 16}),
        (TwoTower, {"loss": "bpr", "precision": "bf16"}),
        (TwoTower, {"optimizer": "RMSprop"}),
        (PostMLP, {}),
        (OwnWay, {"learning_rate": 0.05}),
    ],
)
def test_it_learns_who_likes_what(model_of, checkerboard, sees_the_board, module_class: type, parameters) -> None:
    """Popularity gets about 1/2."""
    model = model_of(module_class, **{"epochs": 40, "learning_rate": 0.02, **parameters})
    losses = list(model.fit_epochs(checkerboard, rng=rng()))
    assert losses[-1] < losses[0]
    assert sees_the_board(model) > 0.8


@pytest.mark.parametrize("module_class", [TwoTower, OwnWay])
def test_equal_seeds_give_equal_figures_whoever_scores_or_draws_between(model_of, checkerboard, module_class) -> None:
    """The module drops out by torch's global generator."""
    torch.manual_seed(1)
    plain = model_of(module_class)
    losses = list(plain.fit_epochs(checkerboard, rng=rng()))
    torch.manual_seed(2)
    disturbed, found = model_of(module_class), []
    for loss in disturbed.fit_epochs(checkerboard, rng=rng()):
        found.append(loss)
        disturbed.score(USERS, ITEMS)
        torch.rand(3)
    assert found == losses
    np.testing.assert_array_equal(disturbed.score(USERS, ITEMS), plain.score(USERS, ITEMS))
    other = model_of(module_class).fit(checkerboard, rng=rng(1))
    assert not np.array_equal(other.score(USERS, ITEMS), plain.score(USERS, ITEMS))


def test_training_leaves_torchs_generator_as_it_was(model_of, checkerboard) -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    model_of(OwnWay).fit(checkerboard, rng=rng())
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("pairs_at_once", [7, 100, 2**17])
@pytest.mark.parametrize("module_class", [PostMLP, OwnWay])
def test_blocks_change_no_score(
    model_of, checkerboard, module_class, pairs_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(module_class).fit(checkerboard, rng=rng())
    expected = model.score(USERS, ITEMS)
    assert expected.dtype == np.float32
    monkeypatch.setattr(scoring, "PAIRS", pairs_at_once)
    np.testing.assert_allclose(model.score(USERS, ITEMS), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.score_all(USERS), expected, rtol=1e-5, atol=1e-6)


class Watched(TwoTower):
    most = 0

    def forward(self, users, items):
        Watched.most = max(Watched.most, max(users.numel(), items.numel()))
        return super().forward(users, items)


def test_cross_entropy_over_all_items_is_computed_in_blocks(model_of, checkerboard, monkeypatch) -> None:
    """The gradients of the blocks add up to that of the batch."""
    whole = list(model_of(TwoTower, loss="cross_entropy").fit_epochs(checkerboard, rng=rng()))
    for module in (pairs, scoring):
        monkeypatch.setattr(module, "PAIRS", 5 * 30)
    blocks = list(model_of(Watched, loss="cross_entropy").fit_epochs(checkerboard, rng=rng()))
    assert Watched.most <= 5 * 30
    np.testing.assert_allclose(blocks, whole, rtol=1e-5)


def test_batch_size_counts_the_negatives(model_of, checkerboard) -> None:
    seen = []

    class Spy(TwoTower):
        def forward(self, users, items):
            if self.training:
                seen.append((tuple(users.shape), tuple(items.shape)))
            return super().forward(users, items)

    model_of(Spy, epochs=1, batch_size=103, n_negatives=4).fit(checkerboard, rng=rng())
    assert seen == [((20, 1), (20, 5))] * 18  # 360 interactions


def test_a_user_of_every_item_has_no_negatives(model_of, interactions_of) -> None:
    train = interactions_of([(0, 0), (0, 1), (1, 0)], 2, 2)
    model = model_of(TwoTower).fit(train, rng=rng())
    assert np.isfinite(model.score_all(np.arange(2, dtype=np.int32))).all()
    assert list(model_of(TwoTower).fit_epochs(interactions_of([(0, 0)], 1, 1), rng=rng())) == [0.0, 0.0, 0.0]


def test_unfitted_it_has_no_scores(model_of) -> None:
    with pytest.raises(NotFittedError):
        model_of(TwoTower).score(USERS, ITEMS)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"n_negatives": 0, "loss": loss},
            f"TwoTower: the loss {loss} needs negatives, and n_negatives is 0; set it to 1",
        )
        for loss in ("bce", "bpr", "softmax")
    ]
    + [
        ({"n_negatives": -1}, "n_negatives is -1, expected 0 or more"),
        ({"batch_size": 0}, "batch_size is 0, expected 1 or more"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0, expected more than 0"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0, expected 0 or more"),
        ({"epochs": -1}, "epochs is -1, expected 0 or more"),
        ({"precision": "fp16"}, "precision is 'fp16', expected float32 or bf16"),
        ({"loss": "hinge"}, "TwoTower: loss is 'hinge', expected one of bce, bpr, softmax, cross_entropy"),
        ({"optimizer": "adamm"}, "did you mean adam?"),
    ],
)
def test_limits(model_of, parameters, message: str) -> None:
    with pytest.raises(RecommenderError) as caught:
        model_of(TwoTower, **parameters)
    assert message in str(caught.value)


def test_no_negatives_are_needed_over_all_items_or_by_a_module_of_its_own_way(model_of, checkerboard) -> None:
    model_of(TwoTower, n_negatives=0, loss="cross_entropy", epochs=1).fit(checkerboard, rng=rng())

    class Own(TwoTower):
        def training_step(self, users, positives, negatives):
            assert negatives.shape == (len(users), 0)
            return -self(users, positives).mean()

    model_of(Own, n_negatives=0, epochs=1).fit(checkerboard, rng=rng())


def test_a_module_that_cannot_be_fused_or_has_frozen_parts_is_trained(model_of, checkerboard) -> None:
    class Mixed(nn.Module):
        def __init__(self, n_users: int, n_items: int) -> None:
            super().__init__()
            self.users, self.items = (nn.Embedding(n, 4, sparse=True) for n in (n_users, n_items))
            self.frozen = nn.Parameter(torch.ones(4), requires_grad=False)

        def forward(self, users, items):
            return (self.users(users) * self.items(items) * self.frozen).sum(-1)

    losses = list(
        model_of(Mixed, optimizer="sgd", learning_rate=1.0, weight_decay=0.0).fit_epochs(checkerboard, rng=rng())
    )
    assert losses[-1] < losses[0]


def test_describing_one_loads_no_torch() -> None:
    program = "import recommenders.modules.wrapping, sys; sys.exit('torch' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3]).returncode == 0

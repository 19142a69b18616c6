"""Losses, beside arithmetic that a reader can redo."""

from __future__ import annotations

import math

import pytest
import torch

from recommenders.modules.losses import LOSSES
from recommenders.modules.settings import LOSS_NAMES, SAMPLED_LOSSES

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, -2.0]], dtype=torch.float64)
FIRST = torch.zeros(2, dtype=torch.int64)


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_the_settings_name_them() -> None:
    assert tuple(LOSSES) == LOSS_NAMES
    assert tuple(name for name, loss in LOSSES.items() if not loss.over_all_items) == SAMPLED_LOSSES


def test_bce_is_the_mean_over_all_pairs() -> None:
    losses = [-math.log(sigmoid(x)) for x in (2, 1, -0.5, 0, -3, 2)]
    assert LOSSES["bce"].function(LOGITS, FIRST).item() == pytest.approx(sum(losses) / 6)


def test_bpr_is_the_mean_over_pairs_of_true_item_and_negative() -> None:
    losses = [-math.log(sigmoid(x)) for x in (3, 1.5, -3, 2)]
    assert LOSSES["bpr"].function(LOGITS, FIRST).item() == pytest.approx(sum(losses) / 4)


@pytest.mark.parametrize("name", ["softmax", "cross_entropy"])
def test_softmax_is_the_mean_over_rows(name: str) -> None:
    rows = [[2, -1, 0.5], [0, 3, -2]]
    losses = [math.log(sum(map(math.exp, row))) - row[0] for row in rows]
    assert LOSSES[name].function(LOGITS, FIRST).item() == pytest.approx(sum(losses) / 2)


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_the_true_item_may_be_in_any_column(name: str) -> None:
    targets = torch.tensor([2, 1])
    moved = torch.tensor([[0.5, -1.0, 2.0], [3.0, 0.0, -2.0]], dtype=torch.float64)
    torch.testing.assert_close(LOSSES[name].function(LOGITS, targets), LOSSES[name].function(moved, FIRST))


@pytest.mark.parametrize("name", SAMPLED_LOSSES)
def test_targets_of_true_items_in_the_first_column(name: str) -> None:
    loss = LOSSES[name]
    torch.testing.assert_close(loss.function(LOGITS, loss.true_first(LOGITS)), loss.function(LOGITS, FIRST))


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_large_logits_stay_finite(name: str) -> None:
    assert torch.isfinite(LOSSES[name].function(1e4 * LOGITS.float(), FIRST))

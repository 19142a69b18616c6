"""Modules of histories that cannot be right: each gets an error that says what is wrong and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from modules_to_train import GRU4Rec, LastState
from torch import nn

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Callable


def answering(function: Callable[[GRU4Rec, torch.Tensor], object]) -> type[GRU4Rec]:
    return type("Wrong", (GRU4Rec,), {"forward": function})


class NoRowForPadding(GRU4Rec):
    def __init__(self, n_items: int) -> None:
        super().__init__(n_items - 1)


class PaddingIsZero(GRU4Rec):
    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.items = nn.Embedding(n_items + 1, 64, padding_idx=0)


class FewPositions(GRU4Rec):
    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.positions = nn.Embedding(5, 64)

    def forward(self, histories):
        return super().forward(histories) + self.positions(torch.arange(histories.shape[1]))


class TimeFirst(GRU4Rec):
    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.gru = nn.GRU(64, 64)


class BothWays(GRU4Rec):
    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.gru = nn.GRU(64, 32, batch_first=True, bidirectional=True)


class NoMask(GRU4Rec):
    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.encoder = nn.TransformerEncoderLayer(64, 4, batch_first=True)

    def forward(self, histories):
        return self.encoder(self.items(histories))


SEEN = "for histories (3, 8)"
WRONG: dict[str, tuple[type, str]] = {
    "no row for the padding": (
        NoRowForPadding,
        "NoRowForPadding.forward raised IndexError for histories (3, 8): index out of range in self; histories are "
        "padded with the index n_items, here 20: give the items' table a row for it, nn.Embedding(n_items + 1, size, "
        "padding_idx=n_items)",
    ),
    "an item as padding": (PaddingIsZero, "PaddingIsZero.items has padding_idx=0, the index of an item; items are"),
    "few positions": (FewPositions, "histories have 8 columns, as many as the constructor gets if it takes `max_len"),
    "time first": (TimeFirst, "the answer of TimeFirst.forward to a history depends on the other histories of the"),
    "both ways": (BothWays, "the answer of BothWays.forward at a position depends on the items behind it"),
    "no mask": (NoMask, "the answer of NoMask.forward at a position depends on the items behind it, which are what it"),
    "nothing": (answering(lambda self, histories: None), f"Wrong.forward returned None {SEEN}, expected user vectors"),
    "a number each": (
        answering(lambda self, histories: self.items(histories).sum((1, 2))),
        f"Wrong.forward returned a tensor (3,) {SEEN}, expected user vectors (3, 8, d) or (3, d), or logits "
        "(3, 8, 20) or (3, 20)",
    ),
    "time first, as an answer": (
        answering(lambda self, histories: GRU4Rec.forward(self, histories).transpose(0, 1)),
        f"Wrong.forward returned a tensor (8, 3, 64) {SEEN}, expected user vectors (3, 8, d)",
    ),
    "integers": (answering(lambda self, histories: histories), "Wrong.forward returned a tensor of torch.int64"),
    "another device": (
        answering(lambda self, histories: GRU4Rec.forward(self, histories).to("meta")),
        f"Wrong.forward returned a tensor on meta {SEEN} on cpu, expected it there",
    ),
    "NaN": (
        answering(lambda self, histories: GRU4Rec.forward(self, histories) * float("nan")),
        "values that are NaN or infinite, before any training",
    ),
    "no gradient": (
        answering(lambda self, histories: GRU4Rec.forward(self, histories).detach()),
        "Wrong.forward returned a tensor without a gradient",
    ),
}


@pytest.mark.parametrize("answer", WRONG)
def test_a_wrong_answer_of_forward(model_of, circle, answer: str) -> None:
    module_class, message = WRONG[answer]
    with pytest.raises(RecommenderError) as caught:
        model_of(module_class, max_length=8).fit(circle[0], rng=np.random.default_rng(0))
    assert message in str(caught.value)


@pytest.mark.parametrize("length", [1, 2, 3, 50])
@pytest.mark.parametrize("module_class", [GRU4Rec, LastState])
def test_right_ones_are_not_accused(model_of, circle, module_class: type, length: int) -> None:
    model = model_of(module_class, max_length=length, epochs=1).fit(circle[0], rng=np.random.default_rng(0))
    assert np.isfinite(model.score_all(np.arange(60, dtype=np.int32))).all()


def test_a_module_with_a_training_step_may_look_both_ways(model_of, circle) -> None:
    class Masked(BothWays):
        def training_step(self, histories, positives, negatives):
            return self(histories).square().mean()

    model_of(Masked, max_length=8, epochs=1).fit(circle[0], rng=np.random.default_rng(0))


def test_an_answer_that_changes_its_form_is_refused(model_of, circle) -> None:
    def once(self, histories):
        states = GRU4Rec.forward(self, histories)
        return states if not self.training else states[:, -1]

    with pytest.raises(RecommenderError, match=r"returned a tensor \(60, 64\) for histories \(60, 8\), expected"):
        model_of(answering(once), max_length=8).fit(circle[0], rng=np.random.default_rng(0))

"""Modules of histories that cannot be right: each gets an error that says what is wrong and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from modules_to_train import GRU4Rec, LastState, NextLogits
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


class PositionsFromTheEnd(GRU4Rec):
    any_length = True

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.positions = nn.Embedding(8, 64)

    def forward(self, histories):
        return super().forward(histories) + self.positions(torch.arange(histories.shape[1]).flip(0))


class LooksAheadLater(GRU4Rec):
    """ReZero: the layer that looks ahead begins at zero."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.both_ways = nn.GRU(64, 32, batch_first=True, bidirectional=True)
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, histories):
        vectors = self.items(histories)
        return vectors + self.weight * self.both_ways(vectors)[0]


class ZeroHead(BothWays):
    """Its logits are all zero before it is trained."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.head = nn.Linear(64, n_items)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, histories):
        return self.head(super().forward(histories))


class SeesOnlyPadding(GRU4Rec):
    """Two causal layers that mask the padding in front: the first column of it may look at nothing."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        layer = nn.TransformerEncoderLayer(64, 2, 64, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, histories):
        n = histories.shape[1]
        ahead = torch.ones(n, n, dtype=torch.bool).triu(1)
        is_padding = histories == self.items.padding_idx
        return self.encoder(self.items(histories), mask=ahead, src_key_padding_mask=is_padding)[:, -1]


class ShortOnes(GRU4Rec):
    """Right: a recurrent network takes histories of any length."""

    any_length = True


class MeanOfLater(GRU4Rec):
    """A mean over the items behind the first: of none where a history has one item. NaN only when it scores."""

    def forward(self, histories):
        states = super().forward(histories)
        if self.training:
            return states[:, -1]
        is_item = (histories != self.items.padding_idx).float().unsqueeze(2)
        return (states * is_item).sum(1) / (is_item.sum(1) - 1).clamp(min=0)


class ShiftsItself(NextLogits):
    """Its own padding is 0, and it gives each item the next index: right, as its answers are logits."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.own = nn.Embedding(n_items + 1, 64, padding_idx=0)

    def forward(self, histories):
        return self.output(self.gru(self.own((histories + 1) % self.own.num_embeddings))[0])


class ShiftsVectors(GRU4Rec):
    """The same, but its answers are vectors: item 0 is row 1, and its inner product is with row 0."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.items = nn.Embedding(n_items + 1, 64)

    def forward(self, histories):
        return self.gru(self.read(histories))[0]

    def read(self, histories):
        return self.items((histories + 1) % self.items.num_embeddings)


class ShiftsOnce(ShiftsVectors):
    """Answers once for each history, reads the weight itself, and trains with rows of its own choice."""

    def forward(self, histories):
        return self.gru(self.read(histories))[1][-1]

    def read(self, histories):
        return self.items.weight[(histories + 1) % len(self.items.weight)]

    def training_step(self, histories, positives, negatives):
        users = self(histories).unsqueeze(1)
        return nn.functional.softplus(((self.read(negatives) - self.read(positives)) * users).sum(-1)).mean()


class FromTheEnd(ShiftsVectors):
    def read(self, histories):
        return self.items((18 - histories) % self.items.num_embeddings)


class ShiftsLater(ShiftsVectors):
    """Its answers begin at zero, and so do all gradients of the table."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, histories):
        return self.weight * super().forward(histories) + self.weight


class TwoTables(ShiftsItself):
    """Right: what it shifts is a table of its own."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.own = nn.Embedding(n_items + 1, 64)

    def forward(self, histories):
        return self.gru(self.own((histories + 1) % self.own.num_embeddings))[0]


class LooksAtAllItems(GRU4Rec):
    """Right: an item's vector is mixed from those of all items."""

    def forward(self, histories):
        table = self.items.weight[:-1]
        vectors = self.items(histories)
        return self.gru((vectors @ table.T).softmax(-1) @ table)[0]


class FixedVectors(GRU4Rec):
    """Right: the items' vectors are given, and are not trained."""

    def __init__(self, n_items: int) -> None:
        super().__init__(n_items)
        self.items.requires_grad_(False)


class MasksBehind(SeesOnlyPadding):
    """Right: padding is behind the items, where no item looks."""

    def forward(self, histories):
        n = histories.shape[1]
        ahead = torch.ones(n, n, dtype=torch.bool).triu(1)
        is_padding = histories == self.items.padding_idx
        return self.encoder(self.items(histories), mask=ahead, src_key_padding_mask=is_padding)


SEEN = "for histories (3, 8)"
WRONG: dict[str, tuple[type, str]] = {
    "no row for the padding": (
        NoRowForPadding,
        "NoRowForPadding.forward raised IndexError for histories (3, 8): index out of range in self; histories are "
        "padded with the index n_items, here 20: give the items' table a row for it, nn.Embedding(n_items + 1, size, "
        "padding_idx=n_items)",
    ),
    "an item as padding": (PaddingIsZero, "PaddingIsZero.items has padding_idx=0, the index of an item; items are"),
    "indices shifted by hand": (
        ShiftsVectors,
        "ShiftsVectors.forward does not read row 10 of ShiftsVectors.items for item 10, but row 11; recbench scores an "
        "item with the row of its index: give the table the indices of histories as they are",
    ),
    "shifted, with a training_step": (ShiftsOnce, "ShiftsOnce.forward does not read row 10 of ShiftsOnce.items"),
    "from the end": (FromTheEnd, "does not read row 10 of FromTheEnd.items for item 10, but row 8"),
    "shifted once it is trained": (ShiftsLater, "ShiftsLater.forward does not read row 10 of ShiftsLater.items"),
    "few positions": (FewPositions, "histories have 8 columns, as many as the constructor gets if it takes `max_len"),
    "time first": (TimeFirst, "the answer of TimeFirst.forward to a history depends on the other histories of the"),
    "both ways": (BothWays, "the answer of BothWays.forward at a position depends on the items behind it"),
    "no mask": (NoMask, "the answer of NoMask.forward at a position depends on the items behind it, which are what it"),
    "it looks ahead once it is trained": (
        LooksAheadLater,
        "LooksAheadLater.forward at a position depends on the items",
    ),
    "a head of zeros": (ZeroHead, "the answer of ZeroHead.forward at a position depends on the items behind it"),
    "positions from the end": (
        PositionsFromTheEnd,
        "the answer of PositionsFromTheEnd.forward at a position depends on the number of columns of histories, "
        "although the class says any_length = True",
    ),
    "attention to padding": (
        SeesOnlyPadding,
        "SeesOnlyPadding.forward returned values that are NaN or infinite for histories with padding in front of the "
        "items; a row of attention that sees only padding is NaN",
    ),
    "a mean over nothing": (MeanOfLater, "MeanOfLater.forward returned values that are NaN or infinite for histories"),
    "a sigmoid": (
        answering(lambda self, histories: (GRU4Rec.forward(self, histories)[..., :20]).sigmoid()),
        "Wrong.forward returned what a sigmoid computed, expected logits; leave the sigmoid out: this loss expects "
        "unbounded logits, and the order of the scores is the same without it",
    ),
    "a softmax": (
        answering(lambda self, histories: (GRU4Rec.forward(self, histories)[..., :20]).softmax(-1)),
        "Wrong.forward returned what a softmax computed, expected logits; leave the softmax out",
    ),
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


SOUND = [GRU4Rec, ShortOnes, LastState, ShiftsItself, MasksBehind, TwoTables, LooksAtAllItems, FixedVectors]


@pytest.mark.parametrize("length", [1, 2, 3, 50])
@pytest.mark.parametrize("module_class", SOUND)
def test_right_ones_are_not_accused(model_of, circle, module_class: type, length: int) -> None:
    model = model_of(module_class, max_length=length, epochs=1).fit(circle[0], rng=np.random.default_rng(0))
    assert np.isfinite(model.score_all(np.arange(60, dtype=np.int32))).all()


def test_a_module_with_a_training_step_may_look_both_ways(model_of, circle) -> None:
    class Masked(BothWays):
        def training_step(self, histories, positives, negatives):
            return self(histories).square().mean()

    model_of(Masked, max_length=8, epochs=1).fit(circle[0], rng=np.random.default_rng(0))


def test_vectors_may_be_what_a_sigmoid_computed(model_of, circle) -> None:
    bounded = answering(lambda self, histories: GRU4Rec.forward(self, histories).sigmoid())
    model_of(bounded, max_length=8, epochs=1).fit(circle[0], rng=np.random.default_rng(0))


def test_an_answer_that_changes_its_form_is_refused(model_of, circle) -> None:
    def once(self, histories):
        states = GRU4Rec.forward(self, histories)
        return states if not self.training else states[:, -1]

    with pytest.raises(RecommenderError, match=r"returned a tensor \(60, 64\) for histories \(60, 8\), expected"):
        model_of(answering(once), max_length=8).fit(circle[0], rng=np.random.default_rng(0))

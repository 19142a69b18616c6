"""The loss over all items in blocks: value and gradients of the whole, and never more scores than a block's."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from recommenders.modules import blockwise
from recommenders.modules.blockwise import loss_over_items


@pytest.mark.parametrize("scores", [1, 40, 2**20])
def test_it_is_that_of_the_whole(scores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockwise, "SCORES", scores)
    generator = torch.Generator().manual_seed(0)
    vectors, items = (torch.randn(n, 4, generator=generator, requires_grad=True) for n in (11, 13))
    targets = torch.randint(13, (11,), generator=generator)
    expected = 3 * functional.cross_entropy(vectors @ items.T, targets)
    found = 3 * loss_over_items(vectors, items, targets, functional.cross_entropy)
    torch.testing.assert_close(found, expected)
    wanted, got = (torch.autograd.grad(loss, (vectors, items)) for loss in (expected, found))
    torch.testing.assert_close(got, wanted)


def test_no_more_scores_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockwise, "SCORES", 40)
    sizes = []

    def watched(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        sizes.append(scores.numel())
        return functional.cross_entropy(scores, targets)

    vectors, items = torch.randn(11, 4, requires_grad=True), torch.randn(13, 4, requires_grad=True)
    loss_over_items(vectors, items, torch.arange(11), watched).backward()
    assert sizes == [39, 39, 39, 26]

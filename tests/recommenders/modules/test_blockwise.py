"""The cross-entropy over all items: value and gradients of the whole, and never more scores than a block's."""

from __future__ import annotations

import pytest
import torch
from largest_tensor import LargestTensor
from torch.nn import functional

from recommenders.modules import blockwise
from recommenders.modules.blockwise import cross_entropy_over_items


def drawn(n: int, n_items: int, size: int, scale: float = 1.0) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    vectors, items = (scale * torch.randn(rows, size, generator=generator) for rows in (n, n_items))
    return vectors.requires_grad_(), items.requires_grad_(), torch.randint(n_items, (n,), generator=generator)


@pytest.mark.parametrize("scores", [1, 40, 2**20])
@pytest.mark.parametrize("scale", [1.0, 12.0])
def test_it_is_that_of_the_whole(scores: int, scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the larger vectors, scores are hundreds apart, and most items' shares are zero."""
    monkeypatch.setattr(blockwise, "SCORES", scores)
    vectors, items, targets = drawn(11, 13, 4, scale)
    expected = 3 * functional.cross_entropy(vectors @ items.T, targets)
    found = 3 * cross_entropy_over_items(vectors, items, targets)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    wanted, got = (torch.autograd.grad(loss, (vectors, items)) for loss in (expected, found))
    torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)


def test_under_autocast_it_is_near_that_of_the_whole() -> None:
    vectors, items, targets = drawn(30, 200, 8)
    expected = functional.cross_entropy(vectors @ items.T, targets)
    with torch.autocast("cpu", torch.bfloat16):
        found = cross_entropy_over_items(vectors.bfloat16(), items, targets)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0)
    wanted, got = (torch.autograd.grad(loss, (vectors, items)) for loss in (expected, found))
    for one, other in zip(got, wanted, strict=True):
        assert (one - other).abs().max() < 0.02 * other.abs().max()


def test_no_more_scores_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockwise, "SCORES", 400)
    vectors, items, targets = drawn(110, 130, 2)
    with LargestTensor() as largest:
        cross_entropy_over_items(vectors, items, targets).backward()
    assert largest.n_elements == 3 * 130

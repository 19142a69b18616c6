"""Dropout: how much is dropped and what is left; attention against torch's own, and with known weights dropped."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from recommenders.parts import dropout
from recommenders.parts.dropout import causal_attention, dropped_out


@pytest.mark.parametrize("share", [0.2, 0.5, 0.999999])
def test_a_share_is_zero_and_the_mean_stays(share: float) -> None:
    """Of 10^5 values, the share lies within five standard errors; the least of 65536 is always kept."""
    torch.manual_seed(0)
    found = dropped_out(torch.ones(101, 991), share)
    rounded = min(65535, round(share * 65536)) / 65536
    is_zero = (found == 0).float().mean().item()
    assert is_zero == pytest.approx(rounded, abs=5 * (rounded * (1 - rounded) / found.numel()) ** 0.5)
    assert found[found != 0].tolist() == pytest.approx([1 / (1 - rounded)] * int((found != 0).sum()))


def test_neighbours_are_dropped_independently_and_a_seed_repeats_them() -> None:
    torch.manual_seed(0)
    found = dropped_out(torch.ones(100_001), 0.5) > 0
    for distance in (1, 2, 3, 4):
        both = (found[distance:] & found[:-distance]).float().mean().item()
        assert both == pytest.approx(0.25, abs=0.01)
    assert not torch.equal(dropped_out(torch.ones(100_001), 0.5) > 0, found)
    torch.manual_seed(0)
    assert torch.equal(dropped_out(torch.ones(100_001), 0.5) > 0, found)


def test_nothing_is_dropped_of_a_share_of_zero() -> None:
    values = torch.randn(7, 3)
    assert torch.equal(dropped_out(values, 0.0), values)


def test_attention_is_torchs_own_where_all_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values and gradients, for two heads."""
    generator = torch.Generator().manual_seed(0)
    given = tuple(torch.randn(3, 2, 5, 4, generator=generator, requires_grad=True) for _ in range(3))
    expected = functional.scaled_dot_product_attention(*given, is_causal=True)
    monkeypatch.setattr(dropout, "_kept", lambda like, share: torch.ones_like(like))
    found = causal_attention(*given, 0.3)
    torch.testing.assert_close(found, expected)
    weights = torch.randn(found.shape, generator=generator)
    torch.testing.assert_close(
        torch.autograd.grad((found * weights).sum(), given), torch.autograd.grad((expected * weights).sum(), given)
    )


def test_weights_of_attention_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal keys give each of ``t`` positions 1 / t; without the first one, the others are left."""
    query, key = torch.randn(1, 1, 3, 4), torch.ones(1, 1, 3, 4)
    value = torch.tensor([[[[1.0], [10.0], [100.0]]]]).expand(1, 1, 3, 4)
    monkeypatch.setattr(dropout, "_kept", lambda like, share: torch.tensor([0.0, 2.0, 2.0]).expand(like.shape))
    found = causal_attention(query, key, value, 0.5)[0, 0, :, 0]
    torch.testing.assert_close(found, torch.tensor([0.0, 2 * 10 / 2, 2 * 110 / 3]))

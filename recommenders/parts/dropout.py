"""Dropout, alone and within attention, with few random bits for a value.

On a processor torch draws 64 random bits for each value, one value after the other, which takes longer than all else
that attention does. Here a draw of 64 bits decides about four values. Models import this module only when they are
built, because it loads torch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

_LEVELS, _PER_DRAW = 2**16, 4
"""Numbers that sixteen bits can be, and how many of these a draw has."""


def dropped_out(values: Tensor, share: float) -> Tensor:
    """Return values of which a share is zero, and the others are larger, so that the mean stays.

    On a processor the share is rounded to a multiple of 1 / 65536.
    """
    if not share or values.device.type != "cpu":
        return functional.dropout(values, share)
    return values * _kept(values, share)


def causal_attention(query: Tensor, key: Tensor, value: Tensor, share: float) -> Tensor:
    """Return ``softmax(Q K' / sqrt(d)) V``, where a position sees itself and earlier positions only.

    Parameters
    ----------
    query, key, value
        ``(n, n_heads, length, d)``.
    share
        Of the weights, which is set to zero.
    """
    if not share or query.device.type != "cpu":
        return functional.scaled_dot_product_attention(query, key, value, dropout_p=share, is_causal=True)
    length, size = query.shape[-2:]
    ahead = query.new_full((length, length), -math.inf).triu(1)
    products = torch.baddbmm(ahead, query.flatten(0, 1), key.flatten(0, 1).transpose(1, 2), alpha=1 / math.sqrt(size))
    found = dropped_out(products.softmax(-1), share) @ value.flatten(0, 1)
    return found.view(value.shape)


def _kept(like: Tensor, share: float) -> Tensor:
    """Return what values are multiplied by: zero, or ``1 / (1 - share)``."""
    n_dropped = min(_LEVELS - 1, round(share * _LEVELS))
    draws = torch.empty(-(-like.numel() // _PER_DRAW), dtype=torch.int64).random_(-(2**63), None)
    levels = draws.view(torch.int16)[: like.numel()].view(like.shape)
    kept = levels >= n_dropped - _LEVELS // 2
    return kept.to(like.dtype).mul_(_LEVELS / (_LEVELS - n_dropped))

"""The exponential of numbers that are not positive, with the same bits on every processor.

The C library chooses its exponential by the processor, and numba takes another one where Intel's library is installed.
They differ in last bits. This one follows Cody and Waite (Software Manual for the Elementary Functions, 1980, chapter
6): with the integer ``n`` next to ``x / ln 2`` and ``r = x - n ln 2``, which is at most ``ln 2 / 2`` from zero,
``e^x = 2^n e^r``; ``e^r`` is its Taylor polynomial of degree 7. The compiler can compute several at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba.core import types

from recommenders.kernels.compiled import inlined
from recommenders.kernels.intrinsics import operation

if TYPE_CHECKING:
    from recommenders.kernels.intrinsics import Code

LEAST = np.float32(-87.0)
"""Below it the result is that of this number, 1.6e-38: a float32 holds no smaller power of two in full precision."""

_ROUNDING = np.float32(1.5 * 2**23)
"""Added to a number, it leaves no bits for the fraction: the sum's lowest bits are the nearest integer."""

_PER_LN2 = np.float32(1 / math.log(2))
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(math.log(2) - 0.693359375)
"""Their sum is ln 2; the first has so few bits that products with small integers are exact."""

_C2, _C3, _C4, _C5, _C6, _C7 = (np.float32(1 / factorial) for factorial in (2, 6, 24, 120, 720, 5040))


@operation(types.float32, types.float32)
def _power_of_two(code: Code, shifted: Any) -> Any:
    """Return ``2^n``, given ``n + _ROUNDING``: ``n`` is in the lowest bits; a float32's exponent begins at bit 23."""
    integer = ir.IntType(32)
    exponent = code.builder.add(code.builder.bitcast(shifted, integer), integer(127))
    return code.builder.bitcast(code.builder.shl(exponent, integer(23)), ir.FloatType())


@inlined
def exponential(x: np.float32) -> np.float32:
    """Return ``e^x`` for ``x <= 0``, within two units in the last place; NaN stays NaN."""
    bounded = max(x, LEAST)
    shifted = bounded * _PER_LN2 + _ROUNDING
    n = shifted - _ROUNDING
    r = (bounded - n * _LN2_HIGH) - n * _LN2_LOW
    rest = _C4 + r * (_C5 + r * (_C6 + r * _C7))
    power = np.float32(1) + (r + r * r * (_C2 + r * (_C3 + r * rest)))
    result: np.float32 = power * _power_of_two(shifted)
    return result

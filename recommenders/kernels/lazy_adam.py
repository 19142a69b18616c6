"""Adam for tables of vectors of which a batch uses few: a vector moves only when a batch uses it, or at the end.

Adam moves every vector in every step (see `recommenders.kernels.adam`). Of one that a batch does not use the gradient
is zero, so the step is known in advance: with ``s`` steps done, ``m`` and ``v``, the step ``s + j`` without gradients
subtracts

    rate c_(s+j) / (1 - .9^(s+j)) * .9^j m / (r^j sqrt(v) + 1e-8 c_(s+j)),  r = sqrt(.999),  c_t = sqrt(1 - .999^t).

Here all skipped steps are taken at once, when the vector is needed. Their sum over ``j = 1 .. k`` is

    rate A m / (sqrt(v) + 1e-8 A / B),
    A = sum of c_(s+j) / (1 - .9^(s+j)) (.9 / r)^j,  B = sum of .9^j / (1 - .9^(s+j)).

It is exact where one of ``sqrt(v)`` and 1e-8 is negligible beside the other. Between them it is off by less than one
in 100,000 after a thousand steps, and by up to 5 % in the first ones: only the first dozens of skipped steps count,
because of ``.9^j``, and there ``c / r^j`` is nearly the same. Then ``m`` is multiplied by ``.9^k`` and ``v`` by
``.999^k``. With a weight decay there is no such sum, because the gradient is not zero.

``A`` and ``B`` come from sums to infinity: ``A`` is the one after step ``s``, minus ``(.9 / r)^k`` times the one after
step ``s + k``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from recommenders.kernels.adam import EPSILON, MEMORY, SQUARE_MEMORY
from recommenders.kernels.compiled import inlined, kernel

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats

    Move: TypeAlias = tuple[np.float32, np.float32, np.float32, np.float32]

Skips: TypeAlias = npt.NDArray[np.float64]
"""``(4, HORIZON + 1)``: ``.9^k`` and ``r^k`` of ``k`` steps; the infinite sums for ``A`` and ``B`` after each step."""

HORIZON = 2**16
"""After so many steps ``c`` is 1, and of a gradient so long ago nothing is left."""


def new_skips() -> Skips:
    """Return the table that `skipped` reads."""
    skips = np.empty((4, HORIZON + 1))
    _fill(skips)
    return skips


@kernel("(float64[:, ::1],)")
def _fill(skips: Skips) -> None:
    kept, roots, a, b = skips
    root = math.sqrt(SQUARE_MEMORY)
    kept[0] = roots[0] = 1.0
    for k in range(HORIZON):
        kept[k + 1], roots[k + 1] = kept[k] * MEMORY, roots[k] * root
    ratio = MEMORY / root
    a[HORIZON], b[HORIZON] = ratio / (1 - ratio), MEMORY / (1 - MEMORY)
    for step in range(HORIZON, 0, -1):
        whole = 1 - kept[step]
        a[step - 1] = ratio * (math.sqrt(1 - roots[step] * roots[step]) / whole + a[step])
        b[step - 1] = MEMORY * (1 / whole + b[step])


@inlined
def skipped(skips: Skips, since: int, n_steps: int, learning_rate: float) -> Move:
    """Return what `catch_up` takes for a vector that was moved last in step ``since``, where ``n_steps`` are done."""
    kept, roots, a, b = skips
    k, start, end = min(n_steps - since, HORIZON), min(since, HORIZON), min(n_steps, HORIZON)
    own_a = a[start] - kept[k] / roots[k] * a[end]
    own_b = b[start] - kept[k] * b[end]
    return (
        np.float32(learning_rate * own_a),
        np.float32(EPSILON * own_a / own_b),
        np.float32(kept[k]),
        np.float32(roots[k] * roots[k]),
    )


@inlined
def catch_up(parameters: Floats, means: Floats, squares: Floats, move: Move) -> None:
    """Take the skipped steps of a vector; all arrays are ``(size,)``."""
    rate, epsilon, kept, square_kept = move
    for j in range(parameters.size):
        parameters[j] -= rate * means[j] / (math.sqrt(squares[j]) + epsilon)
        means[j] *= kept
        squares[j] *= square_kept

"""Adam (Kingma and Ba, ICLR 2015, arXiv:1412.6980), in the form of `torch.optim.Adam`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from recommenders.kernels.compiled import inlined

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats

    Scales: TypeAlias = tuple[np.float32, np.float32]

MEMORY, SQUARE_MEMORY, EPSILON = 0.9, 0.999, 1e-8


@inlined
def adam_scales(step: int, learning_rate: float) -> Scales:
    """Return ``learning_rate / (1 - .9^step)`` and ``1 / sqrt(1 - .999^step)``; steps are counted from 1."""
    return np.float32(learning_rate / (1 - MEMORY**step)), np.float32(1 / math.sqrt(1 - SQUARE_MEMORY**step))


@inlined
def adam_step(
    parameters: Floats, gradients: Floats, means: Floats, squares: Floats, scales: Scales, weight_decay: float
) -> None:
    """Take the step that `adam_scales` is about, and set the gradients to zero; all arrays are ``(n_parameters,)``.

    ``g`` is the gradient plus ``weight_decay`` times the parameter. Then ``m <- .9 m + .1 g`` and
    ``v <- .999 v + .001 g^2``, and ``learning_rate * m' / (sqrt(v') + 1e-8)`` is subtracted from the parameter, with
    ``m' = m / (1 - .9^step)`` and ``v' = v / (1 - .999^step)``. A parameter still moves where its gradient is zero.
    """
    rate, scale = scales
    decay, epsilon = np.float32(weight_decay), np.float32(EPSILON)
    new, new_square, old_square = np.float32(1 - MEMORY), np.float32(1 - SQUARE_MEMORY), np.float32(SQUARE_MEMORY)
    for j in range(parameters.size):
        gradient = gradients[j] + decay * parameters[j]
        mean = means[j] + new * (gradient - means[j])
        square = old_square * squares[j] + new_square * (gradient * gradient)
        parameters[j] -= rate * mean / (scale * math.sqrt(square) + epsilon)
        means[j], squares[j], gradients[j] = mean, square, np.float32(0)

"""One compiled step of Adam on all parameters of a model, for models that compute their gradients in other code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommenders.kernels.adam import adam_scales, adam_step
from recommenders.kernels.compiled import kernel
from recommenders.kernels.denormals import flush_denormals, restore

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats


@kernel("(float32[::1], float32[::1], float32[::1], float32[::1], int64, float64, float64)")
def step(
    parameters: Floats,
    gradients: Floats,
    means: Floats,
    squares: Floats,
    n_steps: int,
    learning_rate: float,
    weight_decay: float,
) -> None:
    """Take a step of Adam, the ``n_steps``-th, and set the gradients to zero (see `recommenders.kernels.adam`)."""
    before = flush_denormals()
    adam_step(parameters, gradients, means, squares, adam_scales(n_steps, learning_rate), weight_decay)
    restore(before)

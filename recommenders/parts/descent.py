"""Parameters in one array, their gradients, and the steps of Adam.

Models import this module only when they are built, because it loads numba.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from recommenders.kernels.arrays import zeros
from recommenders.kernels.step import step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommenders.kernels.arrays import Floats


class Descent:
    """Arrays of parameters that are trained by Adam.

    Parameters
    ----------
    shapes
        The shapes of the arrays.

    Attributes
    ----------
    parameters, gradients
        float32, of the given shapes, zero at first. The training adds to the gradients before each step.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]]) -> None:
        sizes = [math.prod(shape) for shape in shapes]
        self._memory = zeros(4, sum(sizes))
        self._n_steps = 0
        self.parameters, self.gradients = (_parts(memory, shapes, sizes) for memory in self._memory[:2])

    def step(self, learning_rate: float, weight_decay: float = 0.0) -> None:
        """Take a step, and set the gradients to zero."""
        self._n_steps += 1
        parameters, gradients, means, squares = self._memory
        step(parameters, gradients, means, squares, self._n_steps, learning_rate, weight_decay)


def _parts(memory: Floats, shapes: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> list[Floats]:
    """Return consecutive parts of a vector as views of the given shapes."""
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    return [memory[end - size : end].reshape(shape) for end, size, shape in zip(ends, sizes, shapes, strict=True)]

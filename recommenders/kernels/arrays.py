"""The types of arrays that kernels use, and aligned memory for them."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Sizes: TypeAlias = npt.NDArray[np.int64]

Examples: TypeAlias = npt.NDArray[np.int32]
"""int32, ``(n, 3)``: a user, an item, and a label or a second item."""

LINE = 16
"""Number of float32 in a line of the processor's cache: 64 bytes."""


def zeros(*shape: int) -> Floats:
    """Return zeros of a shape, aligned to a cache line: values that cross no line are loaded faster."""
    n = math.prod(shape)
    memory = np.zeros(n + LINE, dtype=np.float32)
    start = -memory.ctypes.data % (LINE * memory.itemsize) // memory.itemsize
    return memory[start : start + n].reshape(shape)

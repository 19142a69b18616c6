"""Count how often each index occurs, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

COUNTED_ROWS = 2**20
"""The number of indices that are counted at once, at eight bytes each."""


def occurrences(indices: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.int64]:
    """Return how often each of ``0 .. size - 1`` occurs; int64, ``(size,)``."""
    # NumPy's own count of all indices at once would first copy them as int64.
    counts = np.zeros(size, dtype=np.int64)
    for start in range(0, indices.size, COUNTED_ROWS):
        counts += np.bincount(indices[start : start + COUNTED_ROWS], minlength=size)
    return counts

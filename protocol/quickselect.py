"""Quickselect: the n-th largest of some values, for compiled functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@numba.njit(nogil=True)
def nth_largest(values: npt.NDArray[np.float64], n: int) -> float:
    """Return the ``n``-th largest value, and leave the values in another order (Hoare, "Algorithm 65: Find", 1961)."""
    first, last, wanted = 0, values.size - 1, n - 1
    while first < last:
        pivot = values[(first + last) // 2]
        i, j = first, last
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if wanted <= j:
            last = j
        elif wanted >= i:
            first = i
        else:
            break
    found: float = values[wanted]
    return found

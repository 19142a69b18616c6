"""Runs of users that are handled at once: they bound memory and change nothing else (P19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt


def blocks(sizes: npt.NDArray[np.int64], most: int) -> Iterator[slice]:
    """Cut users of the given sizes, ``(n,)``, into runs whose sizes add up to at most ``most``, or of one user.

    Sizes 3, 1, 9, 2 with at most 5 -> users 0 and 1; user 2; user 3.
    """
    ends = np.cumsum(sizes)
    start, done = 0, 0
    while start < sizes.size:
        stop = max(start + 1, int(np.searchsorted(ends, done + most, side="right")))
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])

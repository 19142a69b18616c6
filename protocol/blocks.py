"""Cut users into blocks that are handled at once. Blocks bound the memory and change no result (P19)."""

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


def equal_blocks(n_users: int, size: int, most: int) -> Iterator[slice]:
    """Cut ``n_users`` users of one ``size`` each into runs as `blocks` does.

    5 users of size 2 with at most 5 -> users 0 and 1; users 2 and 3; user 4.
    """
    length = max(1, most // max(1, size))
    for start in range(0, n_users, length):
        yield slice(start, min(start + length, n_users))

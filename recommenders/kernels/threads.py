"""Rows shared out among threads, for kernels whose rows do not depend on each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

PARTS = 8
"""Parts for each thread; several, so that no thread waits long for the last one."""


def n_threads() -> int:
    """Return how many threads this process may use: ``NUMBA_NUM_THREADS`` if set, else one for each core."""
    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


def share_out(work: Callable[[int, int], None], ends: npt.NDArray[np.int64]) -> None:
    """Call ``work(start, stop)`` for consecutive rows, in `n_threads` threads, and return when all are done.

    A single thread is the calling one.

    Parameters
    ----------
    work
        Processes the rows ``start .. stop - 1``; a compiled function that does not hold Python's lock.
    ends
        The amount of work up to and including each row, ``(n_rows,)``, ascending.
    """
    threads = n_threads()
    if threads == 1 or not ends.size:
        work(0, ends.size)
        return
    n_parts = PARTS * threads
    amounts = ends[-1] * np.arange(1, n_parts) / n_parts
    bounds = [0, *np.searchsorted(ends, amounts).tolist(), ends.size]
    with ThreadPoolExecutor(threads) as executor:
        for _ in executor.map(work, bounds[:-1], bounds[1:]):
            pass

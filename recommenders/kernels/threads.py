"""Sharing out rows among threads, for kernels whose rows do not depend on each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

PARTS = 8
"""Parts for each thread, so that none waits long for the last one."""


def n_threads() -> int:
    """Return how many threads this process may use: those of ``NUMBA_NUM_THREADS``, else a thread for each core."""
    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


def share_out(work: Callable[[int, int], None], ends: npt.NDArray[np.int64]) -> None:
    """Call ``work(start, stop)`` for consecutive rows, in as many threads as there may be, until all are done.

    If that is one, it is the calling thread.

    Parameters
    ----------
    work
        Does the rows ``start .. stop - 1``; compiled, it does not hold Python's lock.
    ends
        How much there is to do up to each row and with it, ``(n_rows,)``, ascending.
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

"""What is switched off while a benchmark runs: other threads, and the garbage collector."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_thread_and_no_collection() -> Iterator[None]:
    """Limit BLAS, OpenMP and compiled kernels to one thread, and switch off the garbage collector."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), _one_thread_for_kernels(), _no_collection():
        yield


@contextmanager
def _one_thread_for_kernels() -> Iterator[None]:
    """Limit numba, which otherwise takes a thread for each core unless ``NUMBA_NUM_THREADS`` is set."""
    import numba

    settings: Any = numba.config
    n_before = settings.NUMBA_NUM_THREADS
    if n_before == 1:
        yield
        return
    # Kernels with parallel=True ask numba for the mask; those of `recommenders.kernels` read the setting.
    mask_before = numba.get_num_threads()
    numba.set_num_threads(1)
    settings.NUMBA_NUM_THREADS = 1
    try:
        yield
    finally:
        settings.NUMBA_NUM_THREADS = n_before
        numba.set_num_threads(mask_before)


@contextmanager
def _no_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

"""How many threads a small network is trained with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL_BATCH = 8192
"""Batches of fewer examples than this gain nothing from a second thread."""


@contextmanager
def threads_for(batch_size: int) -> Iterator[None]:
    """Let torch use one thread while the block runs, if batches are small.

    Two threads that wait for each other some hundred times a batch are no faster then, and ten times slower as soon
    as another process wants a core.
    """
    import torch

    before = torch.get_num_threads()
    if batch_size < SMALL_BATCH:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

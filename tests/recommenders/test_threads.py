"""One thread for small batches, and afterwards what was before."""

from __future__ import annotations

import pytest

from recommenders.threads import SMALL_BATCH, threads_for


@pytest.mark.parametrize(("batch_size", "expected"), [(SMALL_BATCH - 1, 1), (SMALL_BATCH, 3)])
def test_threads_are_set_and_restored(batch_size: int, expected: int) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with threads_for(batch_size):
            assert torch.get_num_threads() == expected
        assert torch.get_num_threads() == 3
        with pytest.raises(KeyError), threads_for(batch_size):
            raise KeyError
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)

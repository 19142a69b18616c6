"""Slots of what a batch uses, in the order in which it first uses them."""

from __future__ import annotations

import numpy as np

from recommenders.kernels.compiled import kernel
from recommenders.kernels.touched import NO_SLOT, find_slots


@kernel("(int32[:, ::1], int64, int32[::1], int32[::1], int64, int32[:, ::1])")
def _found(examples, column, slots, touched, n_before, own):
    return find_slots(examples, column, slots, touched, n_before, own)


def test_slots_by_hand() -> None:
    slots, touched, own = np.full(9, NO_SLOT, np.int32), np.zeros(4, np.int32), np.zeros((4, 3), np.int32)
    first = np.array([[5, 7, 1], [2, 7, 0], [5, 8, 0], [0, 7, 1]], np.int32)
    n = _found(first, 0, slots, touched, 0, own)
    assert (n, touched[:n].tolist(), own[:, 0].tolist()) == (3, [5, 2, 0], [0, 1, 0, 2])
    second = np.array([[2, 1, 1], [8, 1, 1]], np.int32)
    n = _found(second, 0, slots, touched, n, own)
    assert (n, touched[:n].tolist(), own[:2, 0].tolist()) == (2, [2, 8], [0, 1])
    assert np.flatnonzero(slots != NO_SLOT).tolist() == [2, 8]

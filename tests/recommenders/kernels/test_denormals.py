"""Denormal numbers are zero while a kernel says so, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.compiled import inlined
from recommenders.kernels.denormals import IS_X86, flush_denormals, restore


@inlined
def halved(values, flushed):
    before = flush_denormals()
    if not flushed:
        restore(before)
    for k in range(values.size):
        values[k] *= np.float32(0.5)
    restore(before)


@pytest.mark.skipif(not IS_X86, reason="the setting exists on x86 only")
def test_results_are_flushed_until_restored() -> None:
    values = np.full(3, 2e-38, np.float32)
    halved(values, True)
    assert not values.any()


def test_otherwise_they_are_kept() -> None:
    values = np.full(3, 2e-38, np.float32)
    halved(np.ones(3, np.float32), True)
    halved(values, False)
    np.testing.assert_allclose(values, 1e-38, rtol=1e-5)
    assert (np.full(3, 2e-38, np.float32) * np.float32(0.5)).all()

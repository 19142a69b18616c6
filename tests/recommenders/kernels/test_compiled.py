"""Compiled functions: cached where that is possible, and correct where it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recommenders.kernels.compiled import READ_ONLY, inlined, kernel


def test_a_kernel_is_compiled_at_once_for_its_signature() -> None:
    @kernel("(float32[::1], int64)")
    def scaled_sum(values, factor):
        total = 0.0
        for value in values:
            total += value
        return total * factor

    assert scaled_sum.signatures
    assert scaled_sum(np.array([1, 2], np.float32), 2) == 6
    with pytest.raises(TypeError, match="No matching definition"):
        scaled_sum(np.array([1, 2], np.float64), 2)


def test_read_only_arrays_and_others_are_taken() -> None:
    @kernel(f"({READ_ONLY.format('int32')},)")
    def first(values):
        return values[0]

    values = np.array([3], np.int32)
    assert first(values) == 3
    values.flags.writeable = False
    assert first(values) == 3


def test_without_a_place_for_the_cache_it_is_compiled_too() -> None:
    """Code that is in no file has no place for a cache."""
    names = {"kernel": kernel}
    exec("@kernel('(int64,)')\ndef doubled(n):\n    return 2 * n\n", names)
    assert names["doubled"](4) == 8


def test_other_errors_are_raised() -> None:
    def wrong(n):
        return n.nothing

    with pytest.raises(Exception, match="nothing"):
        kernel("(int64,)")(wrong)


def test_nan_is_not_assumed_away() -> None:
    @inlined
    def is_nan(value):
        return value != value

    assert is_nan(np.float32(np.nan))


def test_what_a_kernel_calls_is_a_part_of_it() -> None:
    """If not, a kernel in the cache could call code of another version."""

    @inlined
    def long_helper(values, n):
        total = 0.0
        for i in range(n):
            for j in range(i):
                total += values[i] / values[j] if values[i] > values[j] else math.exp(values[j])
            for j in range(i, n):
                total -= math.log(values[j]) if total > values[j] else math.sin(values[i])
        return total

    @kernel("(float64[::1],)")
    def summed(values):
        total = 0.0
        for k in range(values.size):
            total += long_helper(values[k:], k) + long_helper(values, k) - long_helper(values, values.size)
        return total + long_helper(values, 7)

    (code,) = summed.inspect_asm().values()
    functions = [line for line in code.splitlines() if line.endswith("@function")]
    assert any("summed" in line for line in functions)
    assert not any("long_helper" in line for line in functions)

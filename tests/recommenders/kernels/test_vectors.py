"""Eight numbers at once, or sixteen: each operation does to every lane what it does to a number."""

from __future__ import annotations

import numpy as np

from recommenders.kernels.compiled import inlined
from recommenders.kernels.vectors import (
    add,
    load,
    load_long,
    multiply,
    multiply_add,
    multiply_add_long,
    splat,
    splat_long,
    store,
    store_long,
    subtract,
    total,
    totals,
    transpose,
)

MATRIX = np.random.default_rng(0).normal(size=(9, 11)).astype(np.float32)


def test_load_and_store_use_the_given_place() -> None:
    @inlined
    def copy(source, target):
        store(target, 1, 2, load(source, 4, 3))

    target = np.zeros((3, 10), np.float32)
    copy(MATRIX, target)
    np.testing.assert_array_equal(target[1, 2:], MATRIX[4, 3:])
    assert np.count_nonzero(target) == 8


def test_a_part_of_a_matrix_begins_where_it_begins() -> None:
    @inlined
    def copy(source, target):
        store(target[1:], 0, 0, load(source[3:], 1, 2))

    target = np.zeros((2, 8), np.float32)
    copy(MATRIX, target)
    np.testing.assert_array_equal(target[1], MATRIX[4, 2:10])


def test_arithmetic() -> None:
    @inlined
    def compute(source, target):
        a, b = load(source, 0, 0), load(source, 1, 0)
        store(target, 0, 0, add(a, b))
        store(target, 1, 0, multiply(a, b))
        store(target, 2, 0, multiply_add(a, b, splat(source[2, 0])))
        store(target, 3, 0, splat(total(a)))

    target = np.zeros((4, 8), np.float32)
    compute(MATRIX, target)
    a, b = MATRIX[:2, :8].astype(np.float64)
    expected = a + b, a * b, a * b + MATRIX[2, 0], np.full(8, a.sum())
    np.testing.assert_allclose(target, expected, rtol=1e-5)


def test_sixteen_lanes() -> None:
    @inlined
    def compute(source, target):
        a, b = load_long(source, 1, 1), load_long(source, 3, 2)
        store_long(target, 1, 3, multiply_add_long(a, splat_long(source[0, 0]), b))

    source, target = np.random.default_rng(0).normal(size=(4, 19)).astype(np.float32), np.zeros((3, 20), np.float32)
    compute(source, target)
    expected = source[1, 1:17].astype(np.float64) * source[0, 0] + source[3, 2:18]
    np.testing.assert_allclose(target[1, 3:19], expected, rtol=1e-5, atol=1e-6)
    assert np.count_nonzero(target) == 16


def test_transpose() -> None:
    @inlined
    def turn(source, target):
        turned = transpose(
            (
                load(source, 0, 0),
                load(source, 1, 0),
                load(source, 2, 0),
                load(source, 3, 0),
                load(source, 4, 0),
                load(source, 5, 0),
                load(source, 6, 0),
                load(source, 7, 0),
            )
        )
        for lane in range(8):
            store(target, lane, 0, turned[lane])

    target = np.zeros((8, 8), np.float32)
    turn(MATRIX, target)
    np.testing.assert_array_equal(target, MATRIX[:8, :8].T)


def test_nan_stays_nan() -> None:
    @inlined
    def compute(source, target):
        store(target, 0, 0, multiply_add(load(source, 0, 0), splat(np.float32(0)), splat(np.float32(1))))

    target = np.zeros((1, 8), np.float32)
    compute(np.array([[np.nan, np.inf, 1, 2, 3, 4, 5, 6]], np.float32), target)
    assert np.isnan(target[0, :2]).all()
    assert (target[0, 2:] == 1).all()


def test_eight_totals_at_once_are_the_totals() -> None:
    @inlined
    def compute(source, target):
        rows = (
            load(source, 0, 0),
            load(source, 1, 0),
            load(source, 2, 0),
            load(source, 3, 0),
            load(source, 4, 0),
            load(source, 5, 0),
            load(source, 6, 0),
            load(source, 7, 0),
        )
        store(target, 0, 0, totals(rows))
        store(target, 1, 0, subtract(rows[0], rows[1]))

    target = np.zeros((2, 8), np.float32)
    compute(MATRIX, target)
    np.testing.assert_allclose(target[0], MATRIX[:8, :8].sum(axis=1, dtype=np.float64), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(target[1], MATRIX[0, :8] - MATRIX[1, :8])


def test_a_product_and_a_sum_are_rounded_once() -> None:
    """With ``a = 1 + 2^-12``, ``a^2 - (1 + 2^-11)`` is ``2^-24``; rounded, ``a^2`` is ``1 + 2^-11``."""

    @inlined
    def compute(source, target):
        a, c = splat(source[0, 0]), splat(source[0, 1])
        store(target, 0, 0, multiply_add(a, a, c))
        store_long(
            target,
            1,
            0,
            multiply_add_long(splat_long(source[0, 0]), splat_long(source[0, 0]), splat_long(source[0, 1])),
        )

    target = np.zeros((2, 16), np.float32)
    compute(np.array([[1 + 2**-12, -1 - 2**-11]], np.float32), target)
    assert (target[0, :8] == 2**-24).all()
    assert (target[1] == 2**-24).all()

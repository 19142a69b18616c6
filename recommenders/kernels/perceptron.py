"""A multi-layer perceptron, forward and backward (see `recommenders.kernels.pointwise` for the equations).

Values and slopes (the gradients of the objective) are ``(width, n)``: a row for each unit, a column for each example.
So the innermost loops run over examples, several at once, for any widths. Input, layers and output are stacked in one
array, the input first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.compiled import inlined
from recommenders.kernels.layout import compiled_layer
from recommenders.kernels.vectors import (
    HAS_LONG_REGISTERS,
    LANES,
    LONG,
    add,
    load,
    load_long,
    multiply_add,
    multiply_add_long,
    splat,
    splat_long,
    store,
    store_long,
    total,
    totals,
)

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats, Sizes


@inlined
def _add_four_rows(weights: Floats, values: Floats, out: Floats, o: int, k: int) -> None:
    """Add four rows of ``weights @ values``, sixteen columns from ``k`` on, to ``out``; the sums stay in registers."""
    a0, a1 = load(out, o, k), load(out, o, k + LANES)
    b0, b1 = load(out, o + 1, k), load(out, o + 1, k + LANES)
    c0, c1 = load(out, o + 2, k), load(out, o + 2, k + LANES)
    d0, d1 = load(out, o + 3, k), load(out, o + 3, k + LANES)
    for i in range(weights.shape[1]):
        x0, x1 = load(values, i, k), load(values, i, k + LANES)
        a, b = splat(weights[o, i]), splat(weights[o + 1, i])
        a0, a1 = multiply_add(a, x0, a0), multiply_add(a, x1, a1)
        b0, b1 = multiply_add(b, x0, b0), multiply_add(b, x1, b1)
        c, d = splat(weights[o + 2, i]), splat(weights[o + 3, i])
        c0, c1 = multiply_add(c, x0, c0), multiply_add(c, x1, c1)
        d0, d1 = multiply_add(d, x0, d0), multiply_add(d, x1, d1)
    store(out, o, k, a0)
    store(out, o, k + LANES, a1)
    store(out, o + 1, k, b0)
    store(out, o + 1, k + LANES, b1)
    store(out, o + 2, k, c0)
    store(out, o + 2, k + LANES, c1)
    store(out, o + 3, k, d0)
    store(out, o + 3, k + LANES, d1)


@inlined
def _add_four_rows_in_long_registers(weights: Floats, values: Floats, out: Floats, o: int, k: int) -> None:
    """Do the same, thirty-two columns at once; the bits are the same."""
    a0, a1 = load_long(out, o, k), load_long(out, o, k + LONG)
    b0, b1 = load_long(out, o + 1, k), load_long(out, o + 1, k + LONG)
    c0, c1 = load_long(out, o + 2, k), load_long(out, o + 2, k + LONG)
    d0, d1 = load_long(out, o + 3, k), load_long(out, o + 3, k + LONG)
    for i in range(weights.shape[1]):
        x0, x1 = load_long(values, i, k), load_long(values, i, k + LONG)
        a, b = splat_long(weights[o, i]), splat_long(weights[o + 1, i])
        a0, a1 = multiply_add_long(a, x0, a0), multiply_add_long(a, x1, a1)
        b0, b1 = multiply_add_long(b, x0, b0), multiply_add_long(b, x1, b1)
        c, d = splat_long(weights[o + 2, i]), splat_long(weights[o + 3, i])
        c0, c1 = multiply_add_long(c, x0, c0), multiply_add_long(c, x1, c1)
        d0, d1 = multiply_add_long(d, x0, d0), multiply_add_long(d, x1, d1)
    store_long(out, o, k, a0)
    store_long(out, o, k + LONG, a1)
    store_long(out, o + 1, k, b0)
    store_long(out, o + 1, k + LONG, b1)
    store_long(out, o + 2, k, c0)
    store_long(out, o + 2, k + LONG, c1)
    store_long(out, o + 3, k, d0)
    store_long(out, o + 3, k + LONG, d1)


@inlined
def add_product(weights: Floats, values: Floats, out: Floats, n: int) -> None:
    """Add ``weights @ values`` to ``n`` columns of ``out``, and to further ones up to a multiple of 16.

    Four rows of sums at once stay in registers, so that each loaded value is used several times.
    """
    n_out, n_in = weights.shape
    whole = n_out - n_out % 4
    n_long = n - n % (2 * LONG) if HAS_LONG_REGISTERS else 0
    # For the same columns, all rows one after the other: these columns of the values stay in the nearest cache.
    for k in range(0, n_long, 2 * LONG):
        for o in range(0, whole, 4):
            _add_four_rows_in_long_registers(weights, values, out, o, k)
    for k in range(n_long, n, 2 * LANES):
        for o in range(0, whole, 4):
            _add_four_rows(weights, values, out, o, k)
    for o in range(whole, n_out):
        row = out[o]
        for i in range(n_in):
            weight, x = weights[o, i], values[i]
            for k in range(n):
                row[k] += weight * x[k]


@inlined
def _add_outer(slopes: Floats, values: Floats, weights: Floats, biases: Floats, n: int) -> None:
    """Add ``slopes @ values.T`` to ``weights`` and the sums of ``slopes`` to ``biases``, over ``n`` columns."""
    n_out, n_in = weights.shape
    paired, whole_in, whole = n_out - n_out % 2, n_in - n_in % 4, n - n % LANES
    zero, sums = splat(np.float32(0)), np.empty((1, LANES), dtype=np.float32)
    for o in range(0, paired, 2):
        for i in range(0, whole_in, 4):
            s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = zero
            for k in range(0, whole, LANES):
                d, e = load(slopes, o, k), load(slopes, o + 1, k)
                x0, x1 = load(values, i, k), load(values, i + 1, k)
                s0, t0 = multiply_add(d, x0, s0), multiply_add(e, x0, t0)
                s1, t1 = multiply_add(d, x1, s1), multiply_add(e, x1, t1)
                x2, x3 = load(values, i + 2, k), load(values, i + 3, k)
                s2, t2 = multiply_add(d, x2, s2), multiply_add(e, x2, t2)
                s3, t3 = multiply_add(d, x3, s3), multiply_add(e, x3, t3)
            store(sums, 0, 0, totals((s0, s1, s2, s3, t0, t1, t2, t3)))
            for j in range(4):
                weights[o, i + j] += sums[0, j]
                weights[o + 1, i + j] += sums[0, 4 + j]
    for o in range(n_out):
        terms = zero
        for k in range(0, whole, LANES):
            terms = add(load(slopes, o, k), terms)
        biases[o] += total(terms)
        for i in range(whole_in if o < paired else 0, n_in):
            terms = zero
            for k in range(0, whole, LANES):
                terms = multiply_add(load(slopes, o, k), load(values, i, k), terms)
            weights[o, i] += total(terms)
        for k in range(whole, n):
            biases[o] += slopes[o, k]
            for i in range(n_in):
                weights[o, i] += slopes[o, k] * values[i, k]


@inlined
def forward(layers: Floats, widths: Sizes, values: Floats, n: int) -> None:
    """Compute the values of all layers from those of the input, ``n`` columns."""
    last = widths.size - 1
    for index in range(last):
        weights, biases = compiled_layer(layers, widths, index)
        above = values[widths[index] :]
        for o in range(biases.size):
            row = above[o]
            for k in range(n):
                row[k] = biases[o]
        add_product(weights, values, above, n)
        if index < last - 1:
            for o in range(biases.size):
                row = above[o]
                for k in range(n):
                    # ReLU, without a condition: the compiler would make a slow conditional store of it.
                    row[k] = np.float32(0.5) * (row[k] + abs(row[k]))
        values = above


@inlined
def backward(
    layers: Floats, widths: Sizes, values: Floats, decay: np.float32, slopes: Floats, to_layers: Floats, n: int
) -> None:
    """Compute the slopes of all layers from those of the logits, ``n`` columns, and add the layers' gradients."""
    start = values.shape[0] - 1
    for index in range(widths.size - 2, -1, -1):
        above = slopes[start:]
        start -= widths[index]
        below, inputs = slopes[start:], values[start:]
        weights, _ = compiled_layer(layers, widths, index)
        to_weights, to_biases = compiled_layer(to_layers, widths, index)
        _add_outer(above, inputs, to_weights, to_biases, n)
        own = np.float32(0) if index else decay
        for i in range(widths[index]):
            row, x = below[i], inputs[i]
            for k in range(n):
                row[k] = own * x[k]
        add_product(weights.T, above, below, n)
        if index:
            for i in range(widths[index]):
                row, x = below[i], inputs[i]
                for k in range(n):
                    row[k] *= np.float32(x[k] > 0)

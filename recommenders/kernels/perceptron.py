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
from recommenders.kernels.vectors import LANES, load, multiply_add, splat, store

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats, Sizes


@inlined
def _add_product(weights: Floats, values: Floats, out: Floats, n: int) -> None:
    """Add ``weights @ values`` to ``n`` columns of ``out``, and to further ones up to a multiple of 16.

    Four rows of sixteen sums at once stay in registers, so that each loaded value is used several times.
    """
    n_out, n_in = weights.shape
    whole = n_out - n_out % 4
    for o in range(0, whole, 4):
        for k in range(0, n, 2 * LANES):
            a0, a1 = load(out, o, k), load(out, o, k + LANES)
            b0, b1 = load(out, o + 1, k), load(out, o + 1, k + LANES)
            c0, c1 = load(out, o + 2, k), load(out, o + 2, k + LANES)
            d0, d1 = load(out, o + 3, k), load(out, o + 3, k + LANES)
            for i in range(n_in):
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
    paired, whole = n_out - n_out % 2, n_in - n_in % 4
    for o in range(0, paired, 2):
        d, e = slopes[o], slopes[o + 1]
        for i in range(0, whole, 4):
            x0, x1, x2, x3 = values[i], values[i + 1], values[i + 2], values[i + 3]
            s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = np.float32(0)
            for k in range(n):
                s0 += d[k] * x0[k]
                s1 += d[k] * x1[k]
                s2 += d[k] * x2[k]
                s3 += d[k] * x3[k]
                t0 += e[k] * x0[k]
                t1 += e[k] * x1[k]
                t2 += e[k] * x2[k]
                t3 += e[k] * x3[k]
            weights[o, i] += s0
            weights[o, i + 1] += s1
            weights[o, i + 2] += s2
            weights[o, i + 3] += s3
            weights[o + 1, i] += t0
            weights[o + 1, i + 1] += t1
            weights[o + 1, i + 2] += t2
            weights[o + 1, i + 3] += t3
    for o in range(n_out):
        d = slopes[o]
        total = np.float32(0)
        for k in range(n):
            total += d[k]
        biases[o] += total
        for i in range(whole if o < paired else 0, n_in):
            x = values[i]
            total = np.float32(0)
            for k in range(n):
                total += d[k] * x[k]
            weights[o, i] += total


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
        _add_product(weights, values, above, n)
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
        _add_product(weights.T, above, below, n)
        if index:
            for i in range(widths[index]):
                row, x = below[i], inputs[i]
                for k in range(n):
                    row[k] *= np.float32(x[k] > 0)

"""Training of pointwise networks, compiled: forward pass, backward pass and Adam in one loop over the batches.

The logit of a pair of user ``u`` and item ``i`` is the sum of up to two parts (He et al., WWW 2017, arXiv:1708.05031):

- GMF: ``sum_k h_k p_uk q_ik + c``, with the vectors ``p``, ``q``, the output weights ``h`` and the bias ``c``;
- the tower: ``x_0 = (p'_u, q'_i)``, its own vectors concatenated; ``x_l = relu(W_l x_{l-1} + b_l)`` for the hidden
  layers; without relu, and one wide, for the last.

With the logit ``z``, the label ``y`` and ``n`` pairs in a batch, the loss of a pair is
``ln(1 + e^z) - y z = max(z, 0) - y z + ln(1 + e^-|z|)``, and the objective of a batch is the mean loss plus
``reg / 2`` times the mean squared length of the vectors that a pair uses. Its gradients, summed over the pairs, are

- ``dz = (sigmoid(z) - y) / n``;
- ``dp_k = dz h_k q_k + reg / n p_k``, ``dq_k`` likewise, ``dh_k = dz p_k q_k``, ``dc = dz``;
- with ``d_l``, the gradient of what relu is applied to: ``dW_l = d_l x_{l-1}^T``, ``db_l = d_l``, and
  ``d_{l-1} = W_l^T d_l`` where ``x_{l-1} > 0``, else 0; vectors get ``W_1^T d_1 + reg / n x_0``.

Then comes a step of Adam (Kingma and Ba, ICLR 2015, arXiv:1412.6980) for **all** parameters, touched or not, with the
weight decay added to the gradient, as `torch.optim.Adam` has it.

Everything is float32, in one thread and in a fixed order: equal examples give equal parameters, to the last bit. The
tower's values are kept as (width, pairs), so that the innermost loops run over pairs, several at once whatever the
widths, and batches are cut into tiles that stay in the cache. All parameters are one array (see
`recommenders.kernels.layout`), and so are all gradients: Adam is one loop over them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.adam import adam_step
from recommenders.kernels.columns import gather, scatter
from recommenders.kernels.compiled import inlined, kernel
from recommenders.kernels.denormals import flush_denormals, restore
from recommenders.kernels.gmf import add_gmf_gradients, add_gmf_logits
from recommenders.kernels.layout import compiled_parts
from recommenders.kernels.perceptron import backward, forward

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Examples, Floats, Sizes

TILE = 256
"""Pairs that are handled at once: their values stay in the cache."""

STRIDE = TILE + 16
"""Values between two rows of a tile. A power of two would put all rows of a column into a few lines of the cache."""


@inlined
def _losses(logits: Floats, examples: Examples, share: np.float32, slopes: Floats) -> float:
    """Return the sum of the examples' losses, and write its gradients times ``share`` to ``slopes``.

    The sum of the logarithms is the logarithm of the product, whose factors lie between 1 and 2: float64 holds that of
    a tile.
    """
    n = examples.shape[0]
    total, product = 0.0, 1.0
    for k in range(n):
        slopes[k] = math.exp(-abs(logits[k]))
    for k in range(n):
        logit, small, label = logits[k], slopes[k], np.float32(examples[k, 2])
        total += max(logit, np.float32(0)) - label * logit
        product *= 1.0 + small
        sigmoid = (np.float32(1) if logit >= 0 else small) / (np.float32(1) + small)
        slopes[k] = (sigmoid - label) * share
    return total + math.log(product)


@kernel(
    "(int32[:, ::1], int64, int64, int64, int64, int64[::1], "
    "float32[::1], float32[:, ::1], float32[:, :, ::1], int64, float64, float64, float64)"
)
def train(
    examples: Examples,
    batch_size: int,
    n_users: int,
    n_items: int,
    gmf_size: int,
    widths: Sizes,
    parameters: Floats,
    state: Floats,
    work: Floats,
    n_steps: int,
    learning_rate: float,
    weight_decay: float,
    reg: float,
) -> float:
    """Train on all examples, batch by batch.

    Parameters
    ----------
    examples
        int32, ``(n, 3)``: user, item and label, 0 or 1.
    gmf_size
        Length of GMF's vectors; 0 if there is no such part.
    widths
        int64. Of the tower: input, hidden layers, and 1; ``(1,)`` if there is no tower.
    parameters
        ``(n_parameters,)``, changed in place (see `recommenders.kernels.layout`).
    state
        ``(3, n_parameters)``: zeros (for the gradients), and Adam's means of gradients and of their squares. All are
        zero before the first step.
    work
        ``(2, sum(widths), STRIDE)``, for the values of the layers and their gradients.
    n_steps
        Steps of Adam taken before.

    Returns
    -------
    float
        The sum of all losses.
    """
    before = flush_denormals()
    last = widths.size - 1
    tower_size = widths[0] // 2
    gradients, values, slopes = state[0], work[0], work[1]
    users, items, output, own_users, own_items, layers = compiled_parts(
        parameters, n_users, n_items, gmf_size, tower_size
    )
    to_users, to_items, to_output, to_own_users, to_own_items, to_layers = compiled_parts(
        gradients, n_users, n_items, gmf_size, tower_size
    )
    logits, logit_slopes = values[values.shape[0] - 1], slopes[values.shape[0] - 1]
    total = 0.0
    for start in range(0, examples.shape[0], batch_size):
        batch = examples[start : start + batch_size]
        share = np.float32(1 / batch.shape[0])
        decay = np.float32(reg / batch.shape[0])
        for begin in range(0, batch.shape[0], TILE):
            tile = batch[begin : begin + TILE]
            if last:
                gather(own_users, tile, 0, values)
                gather(own_items, tile, 1, values[tower_size:])
                forward(layers, widths, values, tile.shape[0])
            else:
                for k in range(tile.shape[0]):
                    logits[k] = 0
            if gmf_size:
                add_gmf_logits(users, items, output, tile, logits)
            total += _losses(logits, tile, share, logit_slopes)
            if gmf_size:
                add_gmf_gradients(users, items, output, tile, logit_slopes, decay, to_users, to_items, to_output)
            if last:
                backward(layers, widths, values, decay, slopes, to_layers, tile.shape[0])
                scatter(slopes, tile, 0, to_own_users)
                scatter(slopes[tower_size:], tile, 1, to_own_items)
        n_steps += 1
        adam_step(parameters, gradients, state[1], state[2], n_steps, learning_rate, weight_decay)
    restore(before)
    return total

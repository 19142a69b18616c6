"""Training of pointwise networks, compiled: forward pass, backward pass and Adam in one loop over the batches.

The logit of a pair of user ``u`` and item ``i`` is the sum of up to two parts (He et al., WWW 2017, arXiv:1708.05031):

- GMF: ``sum_k h_k p_uk q_ik + c``, with the vectors ``p``, ``q``, the output weights ``h`` and the bias ``c``;
- the tower: ``x_0 = (p'_u, q'_i)``, its own vectors concatenated; ``x_l = relu(W_l x_{l-1} + b_l)`` for the hidden
  layers; the last layer has one unit and no relu.

With the logit ``z``, the label ``y`` and ``n`` pairs in a batch, the loss of a pair is
``ln(1 + e^z) - y z = max(z, 0) - y z + ln(1 + e^-|z|)``, and the objective of a batch is the mean loss plus
``reg / 2`` times the mean squared length of the vectors that a pair uses. Its gradients, summed over the pairs, are

- ``dz = (sigmoid(z) - y) / n``;
- ``dp_k = dz h_k q_k + reg / n p_k``, ``dq_k`` likewise, ``dh_k = dz p_k q_k``, ``dc = dz``;
- with ``d_l``, the gradient of the input of relu: ``dW_l = d_l x_{l-1}^T``, ``db_l = d_l``, and
  ``d_{l-1} = W_l^T d_l`` where ``x_{l-1} > 0``, else 0; vectors get ``W_1^T d_1 + reg / n x_0``.

Then comes a step of Adam (Kingma and Ba, ICLR 2015, arXiv:1412.6980) for **all** parameters, whether the batch uses
them or not, with the weight decay added to the gradient, as in `torch.optim.Adam`. Where a batch uses few of the
vectors, the others wait, and take the steps that they skipped when a batch needs them, or at the end (see
`recommenders.kernels.lazy_adam`).

Everything is float32 and in a fixed order: equal examples give equal parameters, to the last bit. The tower's values
are kept as (width, pairs), so that the innermost loops run over pairs, several at once for any widths. Batches are cut
into tiles that stay in the cache. All parameters are one array (see `recommenders.kernels.layout`), and gradients are
arrays of the same layout.

Every second tile of a batch belongs to its second half, which has its own gradients. So two threads can share a batch:
each computes one half, then takes a step of Adam for its share of the parameters, on the sum of the halves' gradients.
One thread does the same, one half after the other, and gets the same bits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recommenders.kernels.adam import adam_scales
from recommenders.kernels.columns import gather, scatter
from recommenders.kernels.compiled import inlined, kernel
from recommenders.kernels.denormals import flush_denormals, restore
from recommenders.kernels.exponential import exponential
from recommenders.kernels.gmf import add_gmf_gradients, add_gmf_logits
from recommenders.kernels.layout import compiled_parts
from recommenders.kernels.lazy_vectors import catch_up_all, catch_up_touched, step_on_sum, step_touched
from recommenders.kernels.perceptron import backward, forward
from recommenders.kernels.team import meet
from recommenders.kernels.touched import find_slots

if TYPE_CHECKING:
    import numpy.typing as npt

    from recommenders.kernels.adam import Scales
    from recommenders.kernels.arrays import Examples, Floats, Sizes
    from recommenders.kernels.lazy_vectors import Uses
    from recommenders.kernels.team import Arrivals

HALVES = 2
"""Number of halves of a batch; each has its own gradients."""

TILE = 256
"""Pairs that are processed at once, at most: their values stay in the cache."""

BLOCK = 2048
"""Parameters of which Adam takes the step at once: the sums of their gradients stay in the cache."""

STRIDE = TILE + 16
"""Distance of two rows of a tile. A power of two would map all rows of a column to a few lines of the cache."""


@inlined
def _losses(logits: Floats, examples: Examples, share: np.float32, slopes: Floats) -> float:
    """Return the sum of the examples' losses, and write its gradients times ``share`` to ``slopes``.

    The sum of the logarithms is computed as the logarithm of the product. The factors are between 1 and 2, so that
    float64 can hold the product of a tile.
    """
    n = examples.shape[0]
    total, product = 0.0, 1.0
    for k in range(n):
        slopes[k] = exponential(-abs(logits[k]))
    for k in range(n):
        logit, small, label = logits[k], slopes[k], np.float32(examples[k, 2])
        total += max(logit, np.float32(0)) - label * logit
        product *= 1.0 + small
        sigmoid = (np.float32(1) if logit >= 0 else small) / (np.float32(1) + small)
        slopes[k] = (sigmoid - label) * share
    return total + math.log(product)


@inlined
def _step_in_blocks(
    parameters: Floats,
    gradients: Floats,
    others: Floats,
    means: Floats,
    squares: Floats,
    scales: Scales,
    weight_decay: float,
    member: int,
    n_members: int,
) -> None:
    """Take a member's share of a step of Adam for parameters that all move; all arrays are ``(n,)``."""
    n_blocks = 1 + (parameters.size - 1) // BLOCK
    stop = min(BLOCK * (n_blocks * (member + 1) // n_members), parameters.size)
    for begin in range(BLOCK * (n_blocks * member // n_members), stop, BLOCK):
        end = min(begin + BLOCK, stop)
        own_gradients = gradients[begin:end], others[begin:end]
        own_moments = means[begin:end], squares[begin:end]
        step_on_sum(parameters[begin:end], *own_gradients, *own_moments, scales, weight_decay)


_USES = "Tuple((int64[::1], int32[::1], int32[:, ::1], int64[::1], int32[:, ::1], float64[:, ::1]))"


@kernel(
    "(int32[:, ::1], int64, int64, int64, int64, int64[::1], float32[::1], float32[:, ::1], float32[:, ::1], "
    f"float32[:, :, :, ::1], {_USES}, int64, float64, float64, float64, int64, int64, int64[::1], float64[::1])"
)
def train(
    examples: Examples,
    batch_size: int,
    n_users: int,
    n_items: int,
    gmf_size: int,
    widths: Sizes,
    parameters: Floats,
    gradients: Floats,
    moments: Floats,
    work: Floats,
    uses: Uses,
    n_steps: int,
    learning_rate: float,
    weight_decay: float,
    reg: float,
    member: int,
    n_members: int,
    arrivals: Arrivals,
    totals: npt.NDArray[np.float64],
) -> None:
    """Train on all examples, batch by batch, as one of at most `HALVES` members of a team.

    Parameters
    ----------
    examples
        int32, ``(n, 3)``: user, item and label, 0 or 1.
    gmf_size
        Length of GMF's vectors; 0 without GMF.
    widths
        int64, widths of the tower: input, hidden layers, and 1; ``(1,)`` without tower.
    parameters
        ``(n_parameters,)``, changed in place (see `recommenders.kernels.layout`).
    gradients
        ``(HALVES, n_gradients)``: of each half, zero between steps. They have the layout of the parameters; if vectors
        wait, that of a network of ``batch_size`` users and items.
    moments
        ``(2, n_parameters)``: Adam's means of gradients and of their squares, zero before the first step.
    work
        ``(HALVES, 2, sum(widths), STRIDE)``: memory for the values of the layers and their gradients.
    uses
        See `recommenders.kernels.lazy_vectors.new_uses`.
    n_steps
        Number of Adam's steps before this call.
    member, n_members, arrivals
        See `recommenders.kernels.team.run_team`.
    totals
        float64, ``(HALVES,)``: the sum of the losses of each half is added to it.
    """
    before = flush_denormals()
    latest, slots, touched, n_touched, own, skips = uses
    waits = latest.size > 0
    last = widths.size - 1
    tower_size = widths[0] // 2
    sizes = n_users, n_items, gmf_size, tower_size
    users, items, output, own_users, own_items, layers = compiled_parts(parameters, *sizes)
    means, squares = compiled_parts(moments[0], *sizes), compiled_parts(moments[1], *sizes)
    user_table, item_table = (users, means[0], squares[0]), (items, means[1], squares[1])
    own_user_table, own_item_table = (own_users, means[3], squares[3]), (own_items, means[4], squares[4])
    user_steps, item_steps = latest[:n_users], latest[n_users:]
    to_sizes = (batch_size, batch_size, gmf_size, tower_size) if waits else sizes
    ours, others = compiled_parts(gradients[0], *to_sizes), compiled_parts(gradients[1], *to_sizes)
    # A multiple of 16 pairs, small enough that a batch of more than 16 has tiles in both halves.
    tile_size = min(TILE, 16 * (1 + (batch_size - 1) // (16 * HALVES)))
    n_meetings = 0
    for start in range(0, examples.shape[0], batch_size):
        batch = examples[start : start + batch_size]
        used = batch
        if waits:
            if member == 0:
                n_touched[0] = find_slots(batch, 0, slots[:n_users], touched[0], n_touched[0], own)
                n_touched[1] = find_slots(batch, 1, slots[n_users:], touched[1], n_touched[1], own)
            n_meetings += 1
            meet(arrivals, n_members * n_meetings)
            used = own[: batch.shape[0]]
            first_user, last_user = n_touched[0] * member // n_members, n_touched[0] * (member + 1) // n_members
            first_item, last_item = n_touched[1] * member // n_members, n_touched[1] * (member + 1) // n_members
            own_share = touched[0], first_user, last_user
            catch_up_touched(user_table, own_user_table, user_steps, *own_share, skips, n_steps, learning_rate)
            own_share = touched[1], first_item, last_item
            catch_up_touched(item_table, own_item_table, item_steps, *own_share, skips, n_steps, learning_rate)
            n_meetings += 1
            meet(arrivals, n_members * n_meetings)
        share = np.float32(1 / batch.shape[0])
        decay = np.float32(reg / batch.shape[0])
        for half in range(member, HALVES, n_members):
            values, slopes = work[half, 0], work[half, 1]
            logits, logit_slopes = values[values.shape[0] - 1], slopes[values.shape[0] - 1]
            to_users, to_items, to_output, to_own_users, to_own_items, to_layers = compiled_parts(
                gradients[half], *to_sizes
            )
            for begin in range(half * tile_size, batch.shape[0], HALVES * tile_size):
                tile, to_tile = batch[begin : begin + tile_size], used[begin : begin + tile_size]
                if last:
                    gather(own_users, tile, 0, values)
                    gather(own_items, tile, 1, values[tower_size:])
                    forward(layers, widths, values, tile.shape[0])
                else:
                    for k in range(tile.shape[0]):
                        logits[k] = 0
                if gmf_size:
                    add_gmf_logits(users, items, output, tile, logits)
                totals[half] += _losses(logits, tile, share, logit_slopes)
                if gmf_size:
                    add_gmf_gradients(
                        *(users, items, output, tile, to_tile, logit_slopes, decay, to_users, to_items, to_output)
                    )
                if last:
                    backward(layers, widths, values, decay, slopes, to_layers, tile.shape[0])
                    scatter(slopes, to_tile, 0, to_own_users)
                    scatter(slopes[tower_size:], to_tile, 1, to_own_items)
        n_meetings += 1
        meet(arrivals, n_members * n_meetings)
        n_steps += 1
        scales = adam_scales(n_steps, learning_rate)
        if waits:
            step_touched(user_table, ours[0], others[0], touched[0], first_user, last_user, scales)
            step_touched(item_table, ours[1], others[1], touched[1], first_item, last_item, scales)
            step_touched(own_user_table, ours[3], others[3], touched[0], first_user, last_user, scales)
            step_touched(own_item_table, ours[4], others[4], touched[1], first_item, last_item, scales)
            for slot in range(first_user, last_user):
                user_steps[touched[0, slot]] = n_steps
            for slot in range(first_item, last_item):
                item_steps[touched[1, slot]] = n_steps
            if gmf_size and member == 0:
                step_on_sum(output[0], ours[2][0], others[2][0], means[2][0], squares[2][0], scales, weight_decay)
            _step_in_blocks(
                *(layers, ours[5], others[5], means[5], squares[5], scales, weight_decay, member, n_members)
            )
        else:
            _step_in_blocks(
                *(parameters, gradients[0], gradients[1], moments[0], moments[1]),
                *(scales, weight_decay, member, n_members),
            )
        n_meetings += 1
        meet(arrivals, n_members * n_meetings)
    if waits:
        first_user, last_user = n_users * member // n_members, n_users * (member + 1) // n_members
        first_item, last_item = n_items * member // n_members, n_items * (member + 1) // n_members
        catch_up_all(user_table, own_user_table, user_steps, first_user, last_user, skips, n_steps, learning_rate)
        catch_up_all(item_table, own_item_table, item_steps, first_item, last_item, skips, n_steps, learning_rate)
    restore(before)

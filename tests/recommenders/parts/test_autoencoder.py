"""The variational autoencoder's loss by hand, and its gradients against finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommenders.parts.autoencoder import Autoencoder


def network(n_items: int, layers: tuple[int, ...], size: int) -> Autoencoder:
    return Autoencoder.new(n_items, layers, size, np.random.default_rng(0))


def test_the_loss_by_hand() -> None:
    """One number z, no hidden layers: mean .3 and log-variance ln 4 from the biases, so z = .3 + 2 * .5 = 1.3.

    The logits are 1.3 * (1, 0, -1); the user has the first two items. The divergence is (.09 + 4 - 1 - ln 4) / 2.
    """
    made = network(3, (), 1)
    weights, biases, out_weights, out_biases = made.descent.parameters
    weights[:], out_biases[:] = 0, 0
    biases[:], out_weights[:] = (0.3, math.log(4)), (1, 0, -1)
    items = csr_array(np.array([[1, 1, 0]], dtype=np.float32))
    loss = made.add_gradients(items, items, np.array([[0.5]], dtype=np.float32), kl_weight=0.2)
    log_total = math.log(math.exp(1.3) + 1 + math.exp(-1.3))
    assert loss == pytest.approx(-(1.3 - log_total) - (0 - log_total) + 0.2 * (0.09 + 4 - 1 - math.log(4)) / 2)
    # A logit's slope is its probability times the user's two items, less the item; that of the mean is their sum
    # weighted by 1, 0, -1, and .2 * .3 of the divergence.
    first, last = 2 * math.exp(1.3 - log_total) - 1, 2 * math.exp(-1.3 - log_total)
    assert made.descent.gradients[3][[0, 2]] == pytest.approx([first, last], rel=1e-5)
    assert made.descent.gradients[1][0] == pytest.approx(first - last + 0.06, rel=1e-5)


@pytest.mark.parametrize("layers", [(), (5,), (6, 4)])
def test_gradients_are_finite_differences(layers: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    made = network(7, layers, 3)
    items = csr_array((rng.random((4, 7)) < 0.5).astype(np.float32))
    inputs = csr_array(items * np.float32(0.6))
    noise = rng.standard_normal((4, 3)).astype(np.float32)

    def loss() -> float:
        found = made.add_gradients(items, inputs, noise, kl_weight=0.7) / 4
        for gradient in made.descent.gradients:
            gradient[:] = 0
        return found

    made.add_gradients(items, inputs, noise, kl_weight=0.7)
    gradients = [gradient.copy() for gradient in made.descent.gradients]
    for gradient in made.descent.gradients:
        gradient[:] = 0
    for array, gradient in zip(made.descent.parameters, gradients, strict=True):
        for place in rng.permutation(list(np.ndindex(array.shape)))[:6].tolist():
            place = tuple(place)
            before = array[place]
            array[place] = before + 0.02
            above = loss()
            array[place] = before - 0.02
            below = loss()
            array[place] = before
            assert gradient[place] == pytest.approx((above - below) / 0.04, abs=2e-3)


def test_factors_are_the_logits_at_the_mean() -> None:
    made = network(6, (5,), 2)
    inputs = csr_array(np.random.default_rng(3).random((4, 6)).astype(np.float32))
    (first, first_bias, second, second_bias, third, third_bias, last, last_bias) = made.descent.parameters
    means = (np.tanh(inputs @ first + first_bias) @ second + second_bias)[:, :2]
    logits = np.tanh(means @ third + third_bias) @ last + last_bias
    users = np.arange(4, dtype=np.int32)
    factors = made.factors(inputs)
    np.testing.assert_allclose(factors.score_all(users), logits, rtol=1e-4, atol=1e-6)
    before = factors.score_all(users)
    last[:] += 1
    np.testing.assert_array_equal(factors.score_all(users), before)

"""The variational autoencoder of `recommenders.multi_vae`: its parameters, its loss and the loss's gradients.

Models import this module only when they are built, because it loads numba.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np

from recommenders.parts.descent import Descent
from recommenders.parts.factors import Factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_array

    from recommenders.kernels.arrays import Floats

    Layers: TypeAlias = Sequence[tuple[Floats, Floats, Floats, Floats]]
    Sparse = csr_array[Any, tuple[int, int]]

INITIAL_BIAS = 0.001
"""Standard deviation of biases before training, as in the paper's code."""


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """Two perceptrons with tanh between their layers.

    The encoder maps a user's items to the mean and the logarithm of the variance of the user's ``z``. The decoder maps
    ``z`` to the items' logits. Each layer is ``values @ weights + biases``.

    Parameters
    ----------
    n_encoder
        Number of layers of the encoder; the other layers are the decoder's.
    descent
        Weights and biases of all layers, alternating, with their gradients.
    """

    n_encoder: int
    descent: Descent

    @classmethod
    def new(cls, n_items: int, layers: Sequence[int], embedding_size: int, rng: np.random.Generator) -> Self:
        """Return an untrained network, with weights by Glorot's uniform rule."""
        encoder = [n_items, *layers, 2 * embedding_size]
        decoder = [embedding_size, *reversed(layers), n_items]
        shapes: list[tuple[int, ...]] = []
        for before, after in [*pairwise(encoder), *pairwise(decoder)]:
            shapes += [(before, after), (after,)]
        descent = Descent(shapes)
        for array in descent.parameters:
            if array.ndim == 1:
                array[:] = INITIAL_BIAS * rng.standard_normal(array.shape, dtype=np.float32)
            else:
                bound = np.sqrt(6 / sum(array.shape))
                array[:] = rng.uniform(-bound, bound, size=array.shape)
        return cls(len(layers) + 1, descent)

    def add_gradients(self, items: Sparse, inputs: Sparse, noise: Floats, kl_weight: float) -> float:
        """Add the gradients of the mean loss of a batch of users, and return the sum of their losses.

        The loss of one user, with ``z = mean + exp(log_variance / 2) * noise``, is::

            - sum over the user's items of ln softmax(logits)_i
            + kl_weight / 2 * sum of (mean^2 + exp(log_variance) - 1 - log_variance)

        Parameters
        ----------
        items
            The users' items as ones, float32, ``(n, n_items)``: the targets.
        inputs
            Inputs of the encoder, ``(n, n_items)``.
        noise
            Standard normal numbers, ``(n, embedding_size)``.
        kl_weight
            Weight of the divergence.
        """
        encoder, decoder = self._layers(slice(0, self.n_encoder)), self._layers(slice(self.n_encoder, None))
        encoded = _forward(inputs, encoder)
        mean, log_variance = np.split(encoded[-1], 2, axis=1)
        deviation = np.exp(log_variance / 2)
        decoded = _forward(mean + deviation * noise, decoder)
        logs = _log_softmax(decoded[-1])
        likelihood = float(logs[_places(items)].sum(dtype=np.float64))
        divergence = 0.5 * float(np.sum(mean**2 + deviation**2 - 1 - log_variance, dtype=np.float64))

        n = items.shape[0]
        slopes = np.exp(logs) * (np.diff(items.indptr)[:, None] / np.float32(n))
        slopes[_places(items)] -= np.float32(1 / n)
        to_z = _backward(slopes.astype(np.float32), decoded, decoder)
        weight = np.float32(kl_weight / n)
        to_mean = to_z + weight * mean
        to_log_variance = to_z * noise * deviation / 2 + weight / 2 * (deviation**2 - 1)
        _backward(np.hstack((to_mean, to_log_variance)), encoded, encoder, to_inputs=False)
        return kl_weight * divergence - likelihood

    def factors(self, inputs: Sparse) -> Factors:
        """Return the users' last hidden layers, at the mean of ``z``, and the weights and biases of the logits."""
        encoded = _forward(inputs, self._layers(slice(0, self.n_encoder)))[-1]
        hidden = _forward(encoded[:, : encoded.shape[1] // 2], self._layers(slice(self.n_encoder, None)))[-2]
        weights, biases = self.descent.parameters[-2:]
        return Factors(np.array(hidden), np.ascontiguousarray(weights.T), biases.copy())

    def _layers(self, part: slice) -> Layers:
        """Return weights, biases and the gradients of both, for each layer."""
        arrays = self.descent.parameters, self.descent.gradients
        weights, biases, to_weights, to_biases = (each[start::2] for each in arrays for start in (0, 1))
        return list(zip(weights, biases, to_weights, to_biases, strict=True))[part]


def _forward(values: Any, layers: Layers) -> list[Any]:
    """Return the input of each layer, and the output of the last one."""
    passed = [values]
    for index, (weights, biases, _, _) in enumerate(layers):
        values = values @ weights + biases
        if index < len(layers) - 1:
            np.tanh(values, out=values)
        passed.append(values)
    return passed


def _backward(slopes: Floats, passed: Sequence[Any], layers: Layers, *, to_inputs: bool = True) -> Floats:
    """Add the gradients of the layers, given those of the output; return those of the input if ``to_inputs``."""
    for index in reversed(range(len(layers))):
        weights, _, to_weights, to_biases = layers[index]
        to_weights += passed[index].T @ slopes
        to_biases += slopes.sum(axis=0)
        if index or to_inputs:
            slopes = slopes @ weights.T
        if index:
            slopes *= 1 - passed[index] ** 2
    return slopes


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _places(ones: Sparse) -> tuple[Any, Any]:
    """Return rows and columns of the entries."""
    return np.repeat(np.arange(ones.shape[0]), np.diff(ones.indptr)), ones.indices

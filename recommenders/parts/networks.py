"""The networks of neural collaborative filtering (He et al., WWW 2017, arXiv:1708.05031): parameters and scores.

Models import this module only when they are built, because it loads numba. Initial values are those of the paper's
code: vectors from a normal distribution (in the paper with a standard deviation of .01), layers by Glorot's uniform
rule, biases zero. One thing differs: the output layer follows Glorot's rule, too, where the code uses LeCun's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from recommenders.kernels.arrays import zeros
from recommenders.kernels.layout import layer, n_parameters, parts
from recommenders.parts.factors import Factors
from recommenders.parts.tower import Tower

if TYPE_CHECKING:
    from protocol.types import IndexArray, Scores
    from recommenders.kernels.arrays import Floats
    from recommenders.parts.scorer import Scorer

NO_TOWER = (1,)
"""Widths of a network without tower."""


@dataclass(frozen=True, eq=False)
class SumScorer:
    """The sum of two scorers."""

    first: Scorer
    second: Scorer

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``."""
        return self.first.score(users, items) + self.second.score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``."""
        return self.first.score_all(users) + self.second.score_all(users)


@dataclass(frozen=True, eq=False)
class Network:
    """GMF, a perceptron over the concatenated vectors (the tower), or the sum of both, each with vectors of its own.

    Parameters
    ----------
    gmf_size
        Length of GMF's vectors; 0 without GMF.
    widths
        Widths of the tower: input (a user's vector and an item's), hidden layers, and 1; `NO_TOWER` without tower.
    parameters
        float32, ``(n_parameters,)`` (see `recommenders.kernels.layout`); training changes them in place.
    """

    n_users: int
    n_items: int
    gmf_size: int
    widths: tuple[int, ...]
    parameters: Floats

    @classmethod
    def new(
        cls,
        n_users: int,
        n_items: int,
        *,
        gmf_size: int = 0,
        widths: tuple[int, ...] = NO_TOWER,
        init_std: float,
        rng: np.random.Generator,
    ) -> Self:
        """Return an untrained network; ``init_std`` is the standard deviation of its vectors."""
        size = n_users, n_items, gmf_size, widths
        network = cls(*size, zeros(n_parameters(*size)))
        users, items, output, own_users, own_items, _ = network._parts()
        for table in (users, items, own_users, own_items):
            table[:] = init_std * rng.standard_normal(table.shape, dtype=np.float32)
        for weights in (output[:, :-1], *(weights for weights, _ in network.layers())):
            bound = np.sqrt(6 / sum(weights.shape))
            weights[:] = rng.uniform(-bound, bound, size=weights.shape)
        return network

    @classmethod
    def joined(cls, gmf: Network, tower: Network) -> Self:
        """Return the sum of a GMF and a tower, with a copy of their parameters."""
        parameters = zeros(gmf.parameters.size + tower.parameters.size)
        np.concatenate((gmf.parameters, tower.parameters), out=parameters)
        return cls(gmf.n_users, gmf.n_items, gmf.gmf_size, tower.widths, parameters)

    def layers(self) -> list[tuple[Floats, Floats]]:
        """Return weights and biases of the tower's layers, as views."""
        return [layer(self._parts()[-1], self.widths, index) for index in range(len(self.widths) - 1)]

    def scale_output(self, factor: float) -> None:
        """Multiply the output layers, and with them the logits, in place."""
        self._parts()[2][:] *= factor
        for array in self.layers()[-1] if self.layers() else ():
            array *= factor

    def scorer(self) -> Scorer:
        """Return a scorer that reads the network's own arrays; GMF's constant bias is left out."""
        users, items, output, own_users, own_items, _ = self._parts()
        gmf = Factors(users, items, weights=output[0, :-1])
        if self.widths == NO_TOWER:
            return gmf
        weights, biases = zip(*self.layers(), strict=True)
        tower = Tower(own_users, own_items, weights, biases)
        return SumScorer(gmf, tower) if self.gmf_size else tower

    def _parts(self) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        return parts(self.parameters, self.n_users, self.n_items, self.gmf_size, self.widths[0] // 2)

"""LightGCN: vectors averaged over the neighbourhood in the graph (He, Deng, Wang, Li, Zhang & Wang, SIGIR 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.deferred import DeferredFactors
from recommenders.parts.factors import Factors
from recommenders.parts.limits import above, at_least
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions
    from recommenders.kernels.arrays import Examples, Floats
    from recommenders.kernels.graph import Graph
    from recommenders.kernels.sampling import Sampler

LEAST_BATCH, MOST_STEPS = 8192, 13
"""Of ``batch_size="auto"``: the smallest batch, and the most steps of an epoch of larger ones."""


@dataclass
class LightGCN(EpochModel):
    """Matrix factorisation whose vectors are propagated along the graph of users and items.

    "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation" (arXiv:2002.02126)::

        e_u^(k+1) = sum over the items i of u of e_i^(k) / sqrt(n_u n_i),  and likewise for items,
        e = mean of e^(0), ..., e^(n_layers),  score(u, i) = e_u . e_i

    Adam minimises BPR's loss, the mean over a batch of ``-ln sigmoid(score(u, i) - score(u, j))``, plus ``reg / 2``
    times the mean of ``|e_u^(0)|^2 + |e_i^(0)|^2 + |e_j^(0)|^2``. In each epoch every interaction is visited once, in
    random order, with a fresh negative ``j``, uniform over the items that the user did not train on. The yielded loss
    is BPR's mean.

    Parameters
    ----------
    embedding_size
        Length of the vectors.
    n_layers
        Steps of propagation, 0 or more.
    epochs
        Passes over the interactions.
    learning_rate
        Adam's step.
    reg
        Penalty on the vectors before propagation.
    batch_size
        Examples of a step. Each step propagates all vectors, forward and backward, so with small batches the time of
        an epoch grows with the square of the interactions. ``"auto"`` takes 8192, as on MovieLens-100K, or a thirteenth
        of the interactions if that is more: then an epoch has 13 steps, or a few more, and its time grows with the
        interactions. The paper has 2048.
    init_std
        Standard deviation of the vectors before training.
    """

    embedding_size: int = 64
    n_layers: int = 2
    epochs: int = 88
    learning_rate: float = 0.00858
    reg: float = 0.000148
    batch_size: int | Literal["auto"] = "auto"
    init_std: float = 0.1

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = (
        "recommenders.parts.descent",
        "recommenders.kernels.graph",
        "recommenders.kernels.graph_slopes",
        "recommenders.kernels.sampling",
    )

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size")
        if self.batch_size != "auto":
            at_least(1, self, "batch_size")
        at_least(0, self, "n_layers", "epochs", "reg")
        above(0, self, "learning_rate", "init_std")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [32, 64, 128],
            "n_layers": [1, 2, 3, 4],
            "learning_rate": {"low": 0.0003, "high": 0.05, "log": True},
            "reg": {"low": 0.00001, "high": 0.1, "log": True},
            "epochs": 150,
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        table = footprint.FLOAT * (facts.n_users + facts.n_items) * self.embedding_size
        # The neighbours, and where those of each row begin in each tile: tiles have 8 of a row or more, on average.
        graph = 2 * (footprint.FLOAT + 1) * facts.n_interactions
        graph += 4 * footprint.DOUBLE * (facts.n_users + facts.n_items)
        making_graph = 2 * footprint.history(facts, footprint.FLOAT) + 4 * footprint.FLOAT * facts.n_interactions
        # Adam holds four tables. A step has the slopes, too, and a mean of propagated tables, of which two are there.
        training = footprint.sampled(facts, 1, self.epochs) + (4 + 1 + min(3, 1 + self.n_layers)) * table
        scoring = (4 + 1 + min(2, self.n_layers)) * table + footprint.scored_by_factors(facts, self.embedding_size)
        return graph + max(making_graph, training, scoring)

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Visit every interaction once per epoch, and yield the mean loss."""
        from recommenders.kernels.arrays import zeros
        from recommenders.kernels.graph import Graph
        from recommenders.kernels.graph_slopes import add_shrinkage, add_slopes
        from recommenders.kernels.sampling import Sampler
        from recommenders.parts.descent import Descent

        graph, sampler = Graph.of(train, self.embedding_size), Sampler.of(train, rng)
        descent = Descent([(train.n_users + train.n_items, self.embedding_size)])
        (table,), (gradients,) = descent.parameters, descent.gradients
        table[:] = self.init_std * rng.standard_normal(table.shape, dtype=np.float32)
        self._state = self._scorer(graph, table, train.n_users)
        slopes = zeros(*table.shape)
        for _ in range(self.epochs):
            total, n = 0.0, 0
            for batch in self._batches(sampler):
                n += len(batch)
                slopes[:] = 0.0
                total += add_slopes(batch, train.n_users, graph.averaged(table, self.n_layers), slopes)
                gradients[:] = graph.averaged(slopes, self.n_layers)
                add_shrinkage(batch, train.n_users, self.reg, table, gradients)
                descent.step(self.learning_rate)
            self._state = self._scorer(graph, table, train.n_users)
            yield total / max(1, n)

    def _batches(self, sampler: Sampler) -> Iterator[Examples]:
        """Yield the examples of an epoch, a step's at a time."""
        size = self._batch_size_for(sampler.users.size)
        for examples in sampler.compared():
            for start in range(0, len(examples), size):
                yield examples[start : start + size]

    def _batch_size_for(self, n_interactions: int) -> int:
        return max(LEAST_BATCH, -(-n_interactions // MOST_STEPS)) if self.batch_size == "auto" else self.batch_size

    def _scorer(self, graph: Graph, table: Floats, n_users: int) -> DeferredFactors:
        return DeferredFactors(partial(_factors, graph, table, self.n_layers, n_users))


def _factors(graph: Graph, table: Floats, n_layers: int, n_users: int) -> Factors:
    """Return the vectors after propagation."""
    averaged = graph.averaged(table, n_layers)
    return Factors(averaged[:n_users], averaged[n_users:])

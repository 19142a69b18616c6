"""Implicit alternating least squares (Hu, Koren & Volinsky, ICDM 2008), regularised by frequency (Rendle et al.)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from recommenders.parts import footprint
from recommenders.parts.factors import Factors, initial_vectors
from recommenders.parts.limits import above, at_least, one_of
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from scipy.sparse import csr_array

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions

    Vectors = npt.NDArray[np.float32]
    Sparse = csr_array[Any, tuple[int, int]]

LEAST_WEIGHT = 0.0001
"""``unobserved_weight="auto"`` is never less, and a search tries nothing less."""


@dataclass
class ALS(EpochModel):
    """Matrix factorisation for implicit feedback by alternating least squares (Hu et al. 2008, iALS).

    It minimises, over all vectors ``w_u`` and ``h_i``::

        sum over interactions of (w_u . h_i - 1)^2  +  unobserved_weight * sum over all pairs of (w_u . h_i)^2
        + reg * (sum of f_u |w_u|^2 + sum of f_i |h_i|^2)

    with ``f_u = (n_u + unobserved_weight * n_items) ** reg_exponent`` for a user with ``n_u`` interactions, and
    likewise for items. This is the form and the scaling of Rendle et al., "Revisiting the Performance of iALS on Item
    Recommendation Benchmarks" (RecSys 2022, arXiv:2110.14037). In each epoch the vectors of all users are solved
    exactly, or brought nearer to the solution, then those of all items. The yielded loss is the objective divided by
    the number of interactions.

    Parameters
    ----------
    embedding_size
        Length of the vectors.
    epochs
        Each solves all users and all items once.
    reg
        Weight of the penalty, above 0.
    unobserved_weight
        Weight of a pair without interaction, above 0. An interaction weighs this plus 1. ``"auto"`` takes .8 times the
        square root of the density of the training interactions, with two significant digits, at least .0001: .2 on
        MovieLens-100K, .019 and .022 on Amazon's reviews. In ``results/defaults.md``, this rule does far better on
        other data than the weight that is best for MovieLens-100K, and as well as a constant that was chosen on them.
    reg_exponent
        With 1, the penalty per interaction is the same for frequent and rare users. With 0, the penalty per vector is
        the same.
    cg_steps
        With 0, vectors are solved exactly. With 1 or more, an epoch takes so many steps of conjugate gradients from the
        vectors that it finds (Takács et al., RecSys 2011): with 3, an epoch learns nearly as much, and long vectors
        take a fraction of the time.
    """

    embedding_size: int = 64
    epochs: int = 18
    reg: float = 0.01
    unobserved_weight: float | Literal["auto"] = "auto"
    reg_exponent: float = 1.0
    cg_steps: int = 0

    processor_independent: ClassVar[bool] = True
    slow_imports: ClassVar[tuple[str, ...]] = (
        "recommenders.kernels.arrays",
        "recommenders.kernels.conjugate_gradients",
        "recommenders.kernels.least_squares",
        "recommenders.kernels.threads",
    )

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size")
        at_least(0, self, "epochs", "cg_steps")
        above(0, self, "reg")
        if isinstance(self.unobserved_weight, str):
            one_of(("auto",), self, "unobserved_weight")
        else:
            above(0, self, "unobserved_weight")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "reg": {"low": 0.001, "high": 0.1, "log": True},
            "unobserved_weight": {"low": LEAST_WEIGHT, "high": 1.0, "log": True, "auto": True},
            "epochs": 60,
        }

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        n_rows = facts.n_users + facts.n_items
        vectors = footprint.FLOAT * n_rows * self.embedding_size
        # Vectors are drawn as float64, scaled, and rounded; the squares of the users' vectors are in the objective.
        larger = max(facts.n_users, facts.n_items)
        drawing = (2 * footprint.DOUBLE + footprint.FLOAT) * larger * self.embedding_size
        solving = 2 * footprint.FLOAT * facts.n_users * self.embedding_size + 4 * footprint.DOUBLE * n_rows
        histories = 2 * footprint.history(facts, 1)
        scoring = footprint.scored_by_factors(facts, self.embedding_size)
        return vectors + max(drawing, histories + solving, scoring)

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Solve for all users, then for all items, and yield the objective per interaction."""
        users = _widened(initial_vectors(train.n_users, self.embedding_size, rng))
        items = _widened(initial_vectors(train.n_items, self.embedding_size, rng))
        self._state = Factors(users[:, : self.embedding_size], items[:, : self.embedding_size])
        by_user = train.to_csr(np.bool_)
        by_item = by_user.T.tocsr()
        weight = self.weight_for(train.n_users, train.n_items, len(train))
        penalties = self._penalties(by_user, weight), self._penalties(by_item, weight)
        for _ in range(self.epochs):
            self._solve(by_user, users, items, weight, penalties[0])
            explained = self._solve(by_item, items, users, weight, penalties[1])
            objective = len(train) - explained + float(np.sum(penalties[0][:, None] * users**2, dtype=np.float64))
            yield objective / max(1, len(train))

    def weight_for(self, n_users: int, n_items: int, n_interactions: int) -> float:
        """Return the weight of a pair without interaction, on training interactions of these sizes."""
        if self.unobserved_weight != "auto":
            return self.unobserved_weight
        density = n_interactions / max(1, n_users * n_items)
        return max(LEAST_WEIGHT, float(f"{0.8 * density**0.5:.2g}"))

    def _penalties(self, interactions: Sparse, weight: float) -> Vectors:
        """Return the weight of each row's squared length in the objective, float32, ``(n_rows,)``."""
        frequencies = np.diff(interactions.indptr) + weight * interactions.shape[1]
        return (self.reg * frequencies**self.reg_exponent).astype(np.float32)

    def _solve(self, interactions: Sparse, solved: Vectors, given: Vectors, weight: float, penalties: Vectors) -> float:
        """Overwrite each vector in ``solved`` with the minimiser of the objective, with those in ``given`` held fixed.

        With steps of conjugate gradients it is only nearer to it. The row's part of the objective, including its
        penalty, is ``|S|`` less what is explained (see `recommenders.kernels.least_squares`).

        Returns
        -------
        float
            What is explained, summed over all rows.
        """
        from recommenders.kernels.conjugate_gradients import approach
        from recommenders.kernels.least_squares import add_gram, solve
        from recommenders.kernels.threads import share_out

        n_rows, size = solved.shape
        everywhere = np.zeros((size, size), dtype=np.float32)
        add_gram(given, weight, everywhere)
        offsets, columns = interactions.indptr.astype(np.int64), interactions.indices.astype(np.int32, copy=False)
        explained = np.empty(n_rows, dtype=np.float64)
        if self.cg_steps:
            symmetric = np.triu(everywhere) + np.triu(everywhere, 1).T
            work = partial(approach, offsets, columns, given, symmetric, penalties, self.cg_steps, solved, explained)
        else:
            work = partial(solve, offsets, columns, given, everywhere, penalties, solved, explained)
        # Beside its vectors, a row costs as much as about `size` of them: to factorise its matrix, or for products.
        share_out(work, offsets[1:] + size * np.arange(n_rows))
        return float(explained.sum())


def _widened(vectors: Vectors) -> Vectors:
    """Return vectors, ``(n, size)``, padded with zeros to a length that the kernel accepts."""
    from recommenders.kernels.arrays import zeros
    from recommenders.kernels.least_squares import WIDTH

    wide = zeros(vectors.shape[0], -(-vectors.shape[1] // WIDTH) * WIDTH)
    wide[:, : vectors.shape[1]] = vectors
    return wide

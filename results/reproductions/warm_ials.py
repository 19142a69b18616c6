"""irspack's iALS as its notebook trains it: on items with training interactions alone, and with a seed of its own."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommenders.adapters.irspack import IALS
from recommenders.adapters.passing_on import hyper_parameters, n_threads
from recommenders.parts.factors import Factors

if TYPE_CHECKING:
    from protocol.types import Interactions

COLD_SCORE = -1e3
"""Of items without training interactions; scores of iALS are about 0 to 1."""


@dataclass
class WarmIALS(IALS):
    """iALS of irspack, without the items that nobody trained on; they come last.

    Parameters
    ----------
    random_seed
        Of ``irspack.IALSRecommender``, whose default it is. The training seed decides nothing.
    """

    deterministic: ClassVar[bool] = True

    random_seed: int = 42

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:  # noqa: ARG002 - see ``random_seed``
        """Fit the library's model to the items that have interactions."""
        interactions = csr_matrix(train.to_csr(np.float64))
        is_warm = np.asarray(interactions.sum(axis=0)).ravel() > 0
        model = self.library_class()(interactions[:, is_warm], **hyper_parameters(self), n_threads=n_threads())
        with redirect_stdout(io.StringIO()):
            model.learn()
        users, warm = model.get_user_embedding(), model.get_item_embedding()
        items = np.zeros((is_warm.size, warm.shape[1]), dtype=warm.dtype)
        items[is_warm] = warm
        self._state = Factors(users, items, np.where(is_warm, 0.0, COLD_SCORE).astype(np.float32))
        return self

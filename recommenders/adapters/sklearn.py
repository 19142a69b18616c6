"""Matrix factorisations of scikit-learn (https://scikit-learn.org), of the matrix of ones and zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommenders.adapters.library_model import LibraryModel
from recommenders.adapters.passing_on import hyper_parameters, seed_from
from recommenders.parts.factors import Factors
from recommenders.parts.kept import KeptState

if TYPE_CHECKING:
    from protocol.types import Interactions


class _Decomposition(KeptState, LibraryModel):
    """A user's score for an item is the entry of the approximated matrix."""

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn",)
    module: ClassVar[str] = "sklearn.decomposition"

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        model = self.library_class()(**hyper_parameters(self), random_state=seed_from(rng))
        users = model.fit_transform(csr_matrix(train.to_csr(np.float32)))
        self._state = Factors(users.astype(np.float32), model.components_.T.astype(np.float32))
        return self


@dataclass
class NMF(_Decomposition):
    """Non-negative matrix factorisation of scikit-learn.

    Parameters
    ----------
    n_components
        The library's default, the number of items, leaves nothing to learn; here the default is 10.
    tol, max_iter, alpha_W, l1_ratio
        See ``sklearn.decomposition.NMF``.
    """

    model: ClassVar[str] = "NMF"

    n_components: int = 10
    tol: float = 1e-4
    max_iter: int = 200
    alpha_W: float = 0.0  # noqa: N815 - the library's name
    l1_ratio: float = 0.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "n_components": {"low": 4, "high": 128, "log": True},
            "alpha_W": {"low": 1e-6, "high": 1e-2, "log": True},
            "l1_ratio": {"low": 0.0, "high": 1.0},
        }


@dataclass
class TruncatedSVD(_Decomposition):
    """Truncated singular value decomposition of scikit-learn: pure SVD (Cremonesi et al. 2010).

    Parameters
    ----------
    n_components, algorithm, n_iter, n_oversamples
        See ``sklearn.decomposition.TruncatedSVD``.
    """

    model: ClassVar[str] = "TruncatedSVD"

    n_components: int = 2
    algorithm: str = "randomized"
    n_iter: int = 5
    n_oversamples: int = 10

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"n_components": {"low": 2, "high": 256, "log": True}}

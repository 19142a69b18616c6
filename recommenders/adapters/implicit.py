"""The recommenders of implicit (https://github.com/benfred/implicit), on the CPU."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from recommenders.adapters.library_model import LibraryModel
from recommenders.adapters.passing_on import hyper_parameters, n_threads, seed_from
from recommenders.libraries import load
from recommenders.parts.factors import Factors
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.kept import KeptState

if TYPE_CHECKING:
    from protocol.types import Interactions
    from recommenders.parts.scorer import Scorer


class _Implicit(KeptState, LibraryModel):
    """A model of implicit. After fitting, only its factors or its item-to-item weights are kept."""

    libraries: ClassVar[tuple[str, ...]] = ("implicit",)

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        from threadpoolctl import threadpool_limits

        # implicit starts its own threads, and warns if BLAS adds more. It also warns of what it does itself, for
        # example when its neighbours pass it a matrix in another form.
        with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore", load("implicit.utils", "implicit").ParameterWarning)
            seed = {} if self.deterministic else {"random_state": seed_from(rng)}
            model = self.library_class()(**hyper_parameters(self), num_threads=n_threads(), **seed)
            model.fit(csr_matrix(train.to_csr()), show_progress=False)
            self._state = self._scorer(model, train)
        return self

    @abstractmethod
    def _scorer(self, model: Any, train: Interactions) -> Scorer:
        """Return the part of the library's fitted model that scores."""


class _Factorisation(_Implicit):
    def _scorer(self, model: Any, train: Interactions) -> Factors:  # noqa: ARG002 - users have factors, not histories
        return Factors(model.user_factors, model.item_factors)


@dataclass
class _ItemItem(_Implicit):
    deterministic: ClassVar[bool] = True
    module: ClassVar[str] = "implicit.nearest_neighbours"

    K: int = 20

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"K": {"low": 5, "high": 500, "log": True}}

    def _scorer(self, model: Any, train: Interactions) -> ItemWeights:
        return ItemWeights(train.to_csr(np.float64), csr_array(model.similarity.astype(np.float64)))


@dataclass
class ALS(_Factorisation):
    """Implicit alternating least squares of the library implicit (Hu et al. 2008).

    Parameters
    ----------
    factors, regularization, alpha, iterations, use_cg
        See ``implicit.als.AlternatingLeastSquares``. With ``use_cg``, rows are solved by three steps of conjugate
        gradients; without, exactly.
    """

    module: ClassVar[str] = "implicit.cpu.als"
    model: ClassVar[str] = "AlternatingLeastSquares"

    factors: int = 100
    regularization: float = 0.01
    alpha: float = 1.0
    iterations: int = 15
    use_cg: bool = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "factors": [16, 32, 64, 128],
            "regularization": {"low": 0.001, "high": 100.0, "log": True},
            "alpha": {"low": 1.0, "high": 50.0, "log": True},
            "iterations": {"low": 5, "high": 50, "log": True},
        }


@dataclass
class BPR(_Factorisation):
    """Bayesian personalised ranking of the library implicit (Rendle et al. 2009).

    With more than one thread its updates race: two runs with the same seed differ.

    Parameters
    ----------
    factors, learning_rate, regularization, iterations, verify_negative_samples
        See ``implicit.bpr.BayesianPersonalizedRanking``.
    """

    module: ClassVar[str] = "implicit.cpu.bpr"
    model: ClassVar[str] = "BayesianPersonalizedRanking"

    factors: int = 100
    learning_rate: float = 0.01
    regularization: float = 0.01
    iterations: int = 100
    verify_negative_samples: bool = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "factors": [16, 32, 64, 128],
            "learning_rate": {"low": 0.003, "high": 0.3, "log": True},
            "regularization": {"low": 0.001, "high": 0.3, "log": True},
            "iterations": {"low": 20, "high": 300, "log": True},
        }


@dataclass
class LMF(_Factorisation):
    """Logistic matrix factorisation of the library implicit (Johnson 2014).

    Parameters
    ----------
    factors, learning_rate, regularization, iterations, neg_prop
        See ``implicit.lmf.LogisticMatrixFactorization``.
    """

    module: ClassVar[str] = "implicit.cpu.lmf"
    model: ClassVar[str] = "LogisticMatrixFactorization"

    factors: int = 30
    learning_rate: float = 1.0
    regularization: float = 0.6
    iterations: int = 30
    neg_prop: int = 30

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "factors": [8, 16, 32, 64],
            "learning_rate": {"low": 0.03, "high": 3.0, "log": True},
            "regularization": {"low": 0.1, "high": 30.0, "log": True},
            "iterations": {"low": 10, "high": 100, "log": True},
            "neg_prop": [3, 10, 30],
        }


@dataclass
class Cosine(_ItemItem):
    """Item-based nearest neighbours of the library implicit, by cosine similarity.

    Parameters
    ----------
    K
        Neighbours of each item, itself among them.
    """

    model: ClassVar[str] = "CosineRecommender"


@dataclass
class TFIDF(_ItemItem):
    """Item-based nearest neighbours of the library implicit, by cosine similarity of TF-IDF weights.

    Parameters
    ----------
    K
        Neighbours of each item, itself among them.
    """

    model: ClassVar[str] = "TFIDFRecommender"


@dataclass
class BM25(_ItemItem):
    """Item-based nearest neighbours of the library implicit, by BM25 weights.

    Parameters
    ----------
    K
        Neighbours of each item, itself among them.
    K1, B
        See ``implicit.nearest_neighbours.BM25Recommender``.
    """

    model: ClassVar[str] = "BM25Recommender"

    K1: float = 1.2
    B: float = 0.75

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            **super().search_space(),
            "K1": {"low": 0.1, "high": 200.0, "log": True},
            "B": {"low": 0.0, "high": 1.0},
        }

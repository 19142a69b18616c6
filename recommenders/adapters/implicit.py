"""The recommenders of implicit (https://github.com/benfred/implicit), on the CPU."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from recommenders.adapters.passing_on import hyper_parameters, n_threads, seed_from
from recommenders.libraries import load
from recommenders.parts.factors import Factors
from recommenders.parts.fitted import fitted
from recommenders.parts.item_weights import ItemWeights

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


class _Fitted(Protocol):
    def score(self, users: IndexArray, items: IndexArray) -> Scores: ...

    def score_all(self, users: IndexArray) -> Scores: ...


@dataclass
class _Implicit(ABC):
    """A model of implicit, of which factors or item-to-item weights are left once it is fitted."""

    libraries: ClassVar[tuple[str, ...]] = ("implicit",)
    module: ClassVar[str]
    model: ClassVar[str]

    _state: _Fitted | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Here, because `fit` is timed.
        self.library_class()

    @classmethod
    def library_class(cls) -> Any:
        """Return the class of the library, imported now."""
        return getattr(load(cls.module, "implicit"), cls.model)

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        from threadpoolctl import threadpool_limits

        # implicit has threads of its own, and warns of a BLAS that adds others; and of what it does itself, as when its
        # neighbours pass it a matrix in another form.
        with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore", load("implicit.utils", "implicit").ParameterWarning)
            self._state = self._fitted(train, rng)
        return self

    @abstractmethod
    def _fitted(self, train: Interactions, rng: np.random.Generator) -> _Fitted: ...

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the library's scores, ``(n, n_candidates)``, float64."""
        return fitted(self, self._state).score(users, items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the library's scores of all items, ``(n, n_items)``, float64."""
        return fitted(self, self._state).score_all(users)


class _Factorisation(_Implicit):
    def _fitted(self, train: Interactions, rng: np.random.Generator) -> Factors:
        model = self.library_class()(**hyper_parameters(self), num_threads=n_threads(), random_state=seed_from(rng))
        model.fit(csr_matrix(train.to_csr()), show_progress=False)
        return Factors(model.user_factors, model.item_factors)


class _ItemItem(_Implicit):
    deterministic: ClassVar[bool] = True

    def _fitted(self, train: Interactions, rng: np.random.Generator) -> ItemWeights:  # noqa: ARG002 - nothing is random here
        model = self.library_class()(**hyper_parameters(self), num_threads=n_threads())
        model.fit(csr_matrix(train.to_csr()), show_progress=False)
        return ItemWeights(train.to_csr(np.float64), csr_array(model.similarity.astype(np.float64)))


@dataclass
class ALS(_Factorisation):
    """Implicit alternating least squares of the library implicit (Hu et al. 2008).

    Parameters
    ----------
    factors, regularization, alpha, iterations, use_cg
        See ``implicit.als.AlternatingLeastSquares``. ``use_cg``: whether rows are solved by three steps of conjugate
        gradients, and not exactly.
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
        """Return where `recbench tune` looks."""
        return {
            "factors": [16, 32, 64, 128],
            "regularization": {"low": 0.001, "high": 100.0, "log": True},
            "alpha": {"low": 1.0, "high": 50.0, "log": True},
            "iterations": {"low": 5, "high": 50, "log": True},
        }


@dataclass
class BPR(_Factorisation):
    """Bayesian personalised ranking of the library implicit (Rendle et al. 2009).

    With more than one thread its updates race, and two runs with one seed differ.

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
        """Return where `recbench tune` looks."""
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
        """Return where `recbench tune` looks."""
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

    module: ClassVar[str] = "implicit.nearest_neighbours"
    model: ClassVar[str] = "CosineRecommender"

    K: int = 20

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {"K": {"low": 5, "high": 500, "log": True}}


@dataclass
class TFIDF(_ItemItem):
    """Item-based nearest neighbours of the library implicit, by cosine similarity of TF-IDF weights.

    Parameters
    ----------
    K
        Neighbours of each item, itself among them.
    """

    module: ClassVar[str] = "implicit.nearest_neighbours"
    model: ClassVar[str] = "TFIDFRecommender"

    K: int = 20

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {"K": {"low": 5, "high": 500, "log": True}}


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

    module: ClassVar[str] = "implicit.nearest_neighbours"
    model: ClassVar[str] = "BM25Recommender"

    K: int = 20
    K1: float = 1.2
    B: float = 0.75

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "K": {"low": 5, "high": 500, "log": True},
            "K1": {"low": 0.1, "high": 200.0, "log": True},
            "B": {"low": 0.0, "high": 1.0},
        }

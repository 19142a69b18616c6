"""The classical recommenders of skrecsys (https://github.com/mrk-andreev/skrecsys), by exact scores.

Left out is its alternating least squares, which learns from ratings of observed items alone: where all are 1, it learns
nothing. skrecsys knows the users and items of the training set. An item that it does not know adds nothing to a sum of
similarities, and scores 0; with factors it comes last. A user whom it does not know has no factors.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import coo_array, csr_array

from recommenders.adapters.library_model import LibraryModel
from recommenders.adapters.passing_on import hyper_parameters, n_threads, seed_from
from recommenders.parts.counts import Counts
from recommenders.parts.factors import Factors
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.kept import KeptState

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.types import Interactions
    from recommenders.parts.item_weights import Matrix
    from recommenders.parts.scorer import Scorer


class _Skrecsys(KeptState, LibraryModel):
    """A model of skrecsys. After fitting, only its factors or its item-to-item weights are kept."""

    libraries: ClassVar[tuple[str, ...]] = ("skrecsys",)
    module: ClassVar[str] = "skrecsys.recommendation"

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        model = self.library_class()(**hyper_parameters(self), **self._computing(rng))
        model.fit(np.column_stack((train.users, train.items)))
        self._state = self._scorer(model, train)
        return self

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:  # noqa: ARG002 - most draw no number
        """Return the parameters of the library's class that say how to compute: threads, and a seed if it draws."""
        return {"n_jobs": n_threads()}

    @abstractmethod
    def _scorer(self, model: Any, train: Interactions) -> Scorer:
        """Return the part of the library's fitted model that scores, for all users and items."""


class _ItemItem(_Skrecsys):
    """Item-to-item weights.

    Attributes
    ----------
    by_row
        Whether row ``j`` of the library's matrix is about the score of item ``j``; otherwise column ``j`` is.
    """

    deterministic: ClassVar[bool] = True
    by_row: ClassVar[bool] = False

    def _scorer(self, model: Any, train: Interactions) -> ItemWeights:
        weights = model.similarity_.T if self.by_row else model.similarity_
        return ItemWeights(train.to_csr(np.float64), _of_all_items(weights, model.item_ids_, train.n_items))


def _of_all_items(weights: Any, known: npt.NDArray[Any], n_items: int) -> Matrix:
    """Return weights between all items, ``(n_items, n_items)``, from those between the items that are known."""
    if not isinstance(weights, np.ndarray):
        entries = weights.tocoo()
        return csr_array(coo_array((entries.data, (known[entries.row], known[entries.col])), shape=(n_items, n_items)))
    if known.size == n_items:
        return weights
    placed = np.zeros((n_items, n_items))
    placed[np.ix_(known, known)] = weights
    return placed


@dataclass
class EASE(_ItemItem):
    """EASE of skrecsys (Steck 2019).

    Parameters
    ----------
    l2_reg
        See ``skrecsys.recommendation.EASE``; it is ``reg`` of our ``ease``.
    """

    model: ClassVar[str] = "EASE"

    l2_reg: float = 500.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"l2_reg": {"low": 1.0, "high": 1e5, "log": True}}


@dataclass
class SLIM(_ItemItem):
    """SLIM of skrecsys (Ning and Karypis 2011), by coordinate descent.

    Parameters
    ----------
    alpha, l1_ratio, n_neighbors, positive, max_iter, tol
        See ``skrecsys.recommendation.SLIMElasticNet``. ``alpha`` is ``reg`` of our ``slim``, and ``n_neighbors`` is
        ``neighbors``.
    """

    model: ClassVar[str] = "SLIMElasticNet"

    alpha: float = 1.0
    l1_ratio: float = 0.1
    n_neighbors: int = 100
    positive: bool = True
    max_iter: int = 100
    tol: float = 1e-4

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "alpha": {"low": 1e-4, "high": 10.0, "log": True},
            "l1_ratio": {"low": 1e-5, "high": 1.0, "log": True},
            "n_neighbors": {"low": 5, "high": 1000, "log": True},
        }


@dataclass
class RP3Beta(_ItemItem):
    """RP3beta of skrecsys (Paudel et al. 2016); with ``beta`` 0 it is P3alpha (Cooper et al. 2014).

    Parameters
    ----------
    n_neighbors, alpha, beta, normalize_similarity
        See ``skrecsys.recommendation.RP3Beta``; they are ``neighbors``, ``alpha``, ``beta`` and ``normalize`` of our
        ``rp3beta`` with ``neighbors_of="both"``.
    """

    model: ClassVar[str] = "RP3Beta"

    n_neighbors: int = 100
    alpha: float = 1.0
    beta: float = 0.6
    normalize_similarity: bool = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "n_neighbors": {"low": 5, "high": 1000, "log": True},
            "alpha": {"low": 0.1, "high": 2.0},
            "beta": {"low": 0.0, "high": 1.0},
        }


@dataclass
class ItemKNN(_ItemItem):
    """Item-based nearest neighbours of skrecsys, by cosine similarity.

    Parameters
    ----------
    n_neighbors, shrink
        See ``skrecsys.recommendation.ItemKNNRecommender``; they are ``neighbors`` and ``shrinkage`` of our
        ``item_knn``.
    """

    model: ClassVar[str] = "ItemKNNRecommender"
    by_row: ClassVar[bool] = True

    n_neighbors: int | None = 50
    shrink: float = 0.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"n_neighbors": {"low": 5, "high": 1000, "log": True}, "shrink": {"low": 0.0, "high": 500.0}}


@dataclass
class BM25(_ItemItem):
    """Item-based nearest neighbours of skrecsys, by BM25 weights.

    Parameters
    ----------
    n_neighbors, k1, b
        See ``skrecsys.recommendation.BM25Recommender``.
    """

    model: ClassVar[str] = "BM25Recommender"

    n_neighbors: int = 20
    k1: float = 1.2
    b: float = 0.75

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "n_neighbors": {"low": 5, "high": 1000, "log": True},
            "k1": {"low": 0.05, "high": 5.0, "log": True},
            "b": {"low": 0.0, "high": 1.0},
        }


@dataclass
class BPR(_Skrecsys):
    """Bayesian personalised ranking of skrecsys (Rendle et al. 2009).

    With more than one thread its updates race: two runs with the same seed differ.

    Parameters
    ----------
    n_factors, learning_rate, regularization, max_iter, use_bias
        See ``skrecsys.recommendation.BayesianPersonalizedRanking``.
    """

    model: ClassVar[str] = "BayesianPersonalizedRanking"

    n_factors: int = 64
    learning_rate: float = 0.05
    regularization: float = 0.01
    max_iter: int = 100
    use_bias: bool = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "n_factors": [16, 32, 64, 128],
            "learning_rate": {"low": 0.003, "high": 0.3, "log": True},
            "regularization": {"low": 1e-4, "high": 0.1, "log": True},
            "max_iter": {"low": 20, "high": 300, "log": True},
        }

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:
        return {**super()._computing(rng), "random_state": seed_from(rng)}

    def _scorer(self, model: Any, train: Interactions) -> Factors:
        users, items = model.user_factors_, model.item_factors_
        # No product of a user and an item is further from 0 than that of the lengths of the longest.
        furthest = np.linalg.norm(users, axis=1).max() * np.linalg.norm(items, axis=1).max()
        last = model.item_bias_.min() - furthest - 1
        return Factors(
            _placed(users, model.user_ids_, train.n_users),
            _placed(items, model.item_ids_, train.n_items),
            _placed(model.item_bias_, model.item_ids_, train.n_items, last),
        )


def _placed(
    values: npt.NDArray[Any], known: npt.NDArray[Any], n_rows: int, others: float = 0.0
) -> npt.NDArray[np.float32]:
    """Return values, float32, in the rows that are known, and ``others`` in the rest of ``n_rows``."""
    placed = np.full((n_rows, *values.shape[1:]), others, dtype=np.float32)
    placed[known] = values
    return placed


@dataclass
class Popularity(_Skrecsys):
    """Item popularity of skrecsys: the number of users who touched the item."""

    model: ClassVar[str] = "MostPopularRecommender"
    deterministic: ClassVar[bool] = True
    personalised: ClassVar[bool] = False

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:  # noqa: ARG002 - it counts in one thread
        return {}

    def _scorer(self, model: Any, train: Interactions) -> Counts:
        counts = np.zeros(train.n_items)
        counts[model.item_ids_] = model.item_popularity_
        return Counts(counts)

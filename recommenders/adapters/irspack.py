"""The recommenders of irspack (https://github.com/tohtsky/irspack).

Left out are its truncated SVD, which is scikit-learn's (`recommenders.adapters.sklearn`), and its BPR, which needs
LightFM.
"""

from __future__ import annotations

import io
import warnings
from abc import abstractmethod
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array, csr_matrix

from recommenders.adapters.library_model import LibraryModel
from recommenders.adapters.passing_on import hyper_parameters, n_threads, seed_from
from recommenders.parts.counts import Counts
from recommenders.parts.factors import Factors
from recommenders.parts.item_weights import ItemWeights
from recommenders.parts.kept import KeptState

if TYPE_CHECKING:
    from protocol.types import Interactions
    from recommenders.parts.scorer import Scorer


class _Irspack(KeptState, LibraryModel):
    """A model of irspack. After fitting, only its factors or its weights are kept."""

    libraries: ClassVar[tuple[str, ...]] = ("irspack",)
    module: ClassVar[str] = "irspack"

    @classmethod
    def library_class(cls) -> Any:
        """Import the class of the library, and return it."""
        with warnings.catch_warnings():
            # It is written for an older pydantic, which warns when the library is imported.
            warnings.simplefilter("ignore", DeprecationWarning)
            return super().library_class()

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        model = self.library_class()(
            csr_matrix(train.to_csr(np.float64)), **hyper_parameters(self), **self._computing(rng)
        )
        # Its progress bar is printed wherever the output goes.
        with redirect_stdout(io.StringIO()):
            model.learn()
        self._state = self._scorer(model, train)
        return self

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:  # noqa: ARG002 - most draw no number
        """Return the parameters of the library's class that say how to compute: threads, and a seed if it draws."""
        return {"n_threads": n_threads()}

    @abstractmethod
    def _scorer(self, model: Any, train: Interactions) -> Scorer:
        """Return the part of the library's fitted model that scores."""


class _ItemItem(_Irspack):
    deterministic: ClassVar[bool] = True

    def _scorer(self, model: Any, train: Interactions) -> ItemWeights:
        found, history = model.W.astype(np.float64), train.to_csr(np.float64)
        return ItemWeights(history, found if isinstance(found, np.ndarray) else csr_array(found))


@dataclass
class IALS(_Irspack):
    """Implicit alternating least squares of irspack (Hu et al. 2008), with the loss of Rendle et al. 2022.

    With the loss ``IALSPP`` and ``nu`` 1, it is our ``als``: ``n_components`` is ``embedding_size``, ``alpha0`` is
    ``unobserved_weight``, ``train_epochs`` is ``epochs``, ``reg`` is the same, and ``max_cg_steps`` is ``cg_steps``, or
    0 there with the solver ``CHOLESKY``.

    Parameters
    ----------
    train_epochs
        Number of epochs.
    alpha0
        The library's constructor has 0, which leaves nothing to learn from items that the user does not have; here the
        default is 1, as in the library's configuration of this model.
    n_components, reg, nu, nu_star, init_std, solver_type, max_cg_steps, ialspp_subspace_dimension, loss_type
        See ``irspack.IALSRecommender``.
    """

    model: ClassVar[str] = "IALSRecommender"

    n_components: int = 20
    alpha0: float = 1.0
    reg: float = 1e-3
    nu: float = 1.0
    nu_star: float | None = None
    init_std: float = 0.1
    solver_type: str = "CG"
    max_cg_steps: int = 3
    ialspp_subspace_dimension: int = 64
    loss_type: str = "IALSPP"
    train_epochs: int = 16

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "n_components": [16, 32, 64, 128],
            "alpha0": {"low": 0.003, "high": 1.0, "log": True},
            "reg": {"low": 1e-4, "high": 0.1, "log": True},
            "train_epochs": {"low": 5, "high": 40, "log": True},
        }

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:
        return {**super()._computing(rng), "random_seed": seed_from(rng)}

    def _scorer(self, model: Any, train: Interactions) -> Factors:  # noqa: ARG002 - users have factors, not histories
        return Factors(model.get_user_embedding(), model.get_item_embedding())


@dataclass
class EASE(_ItemItem):
    """EASE of irspack, which calls it dense SLIM (Steck 2019).

    Parameters
    ----------
    reg
        See ``irspack.DenseSLIMRecommender``; it is ``reg`` of our ``ease``.
    """

    model: ClassVar[str] = "DenseSLIMRecommender"

    reg: float = 1.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"reg": {"low": 1.0, "high": 1e4, "log": True}}

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:  # noqa: ARG002 - it computes with BLAS alone
        return {}


@dataclass
class SLIM(_ItemItem):
    """SLIM of irspack (Ning and Karypis 2011), by coordinate descent.

    Parameters
    ----------
    alpha, l1_ratio, positive_only, n_iter, tol, top_k
        See ``irspack.SLIMRecommender``. ``alpha`` is ``reg`` of our ``slim``, and ``top_k`` is ``neighbors``.
    """

    model: ClassVar[str] = "SLIMRecommender"

    alpha: float = 0.05
    l1_ratio: float = 0.01
    positive_only: bool = True
    n_iter: int = 100
    tol: float = 1e-4
    top_k: int | None = None

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "alpha": {"low": 1e-4, "high": 1.0, "log": True},
            "l1_ratio": {"low": 1e-5, "high": 1.0, "log": True},
            "top_k": {"low": 5, "high": 1000, "log": True},
        }


@dataclass
class P3Alpha(_ItemItem):
    """P3alpha of irspack: walks of three steps (Cooper et al. 2014).

    Parameters
    ----------
    alpha, top_k, normalize_weight
        See ``irspack.P3alphaRecommender``; ``top_k`` is ``neighbors`` of our ``p3alpha``, ``normalize_weight`` is
        ``normalize``; each item keeps the highest weights to it, as with ``neighbors_of="target"``. The library raises
        interactions, not probabilities of steps, to the power ``alpha``, so for interactions of 1 it changes nothing.
        It counts an item among its own neighbours.
    """

    model: ClassVar[str] = "P3alphaRecommender"

    alpha: float = 1.0
    top_k: int | None = None
    normalize_weight: bool = False

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"top_k": {"low": 10, "high": 1000, "log": True}, "normalize_weight": [True, False]}


@dataclass
class RP3Beta(_ItemItem):
    """RP3beta of irspack: walks of three steps, with a penalty for popular items (Paudel et al. 2016).

    Parameters
    ----------
    alpha, beta, top_k, normalize_weight
        See ``irspack.RP3betaRecommender``, and `P3Alpha`.
    """

    model: ClassVar[str] = "RP3betaRecommender"

    alpha: float = 1.0
    beta: float = 0.6
    top_k: int | None = None
    normalize_weight: bool = False

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "beta": {"low": 0.0, "high": 1.0},
            "top_k": {"low": 10, "high": 1000, "log": True},
            "normalize_weight": [True, False],
        }


@dataclass
class _Neighbours(_Irspack):
    deterministic: ClassVar[bool] = True

    shrinkage: float = 0.0
    normalize: bool = False
    top_k: int = 100
    feature_weighting: str = "NONE"
    bm25_k1: float = 1.2
    bm25_b: float = 0.75

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "shrinkage": {"low": 0.0, "high": 1000.0},
            "normalize": [True, False],
            "top_k": {"low": 4, "high": 1000, "log": True},
            "feature_weighting": ["NONE", "TF_IDF", "BM_25"],
        }


@dataclass
class ItemKNN(_Neighbours, _ItemItem):
    """Item-based nearest neighbours of irspack, by cosine similarity.

    Parameters
    ----------
    shrinkage, normalize, top_k, feature_weighting, bm25_k1, bm25_b
        See ``irspack.CosineKNNRecommender``. ``top_k`` is ``neighbors`` of our ``item_knn``, whose similarity is that
        with ``normalize``.
    """

    model: ClassVar[str] = "CosineKNNRecommender"


@dataclass
class UserKNN(_Neighbours):
    """User-based nearest neighbours of irspack, by cosine similarity.

    Parameters
    ----------
    shrinkage, normalize, top_k, feature_weighting, bm25_k1, bm25_b
        See ``irspack.CosineUserKNNRecommender``. ``top_k`` is ``neighbors`` of our ``user_knn``.
    """

    model: ClassVar[str] = "CosineUserKNNRecommender"

    normalize: bool = True

    def _scorer(self, model: Any, train: Interactions) -> ItemWeights:
        # `ItemWeights` sums rows of a matrix over a history. Here it sums the neighbours' rows of items.
        return ItemWeights(csr_array(model.U), train.to_csr(np.float64))


@dataclass
class Popularity(_Irspack):
    """Item popularity of irspack: the number of users who touched the item."""

    model: ClassVar[str] = "TopPopRecommender"
    deterministic: ClassVar[bool] = True
    personalised: ClassVar[bool] = False

    def _computing(self, rng: np.random.Generator) -> dict[str, Any]:  # noqa: ARG002 - it counts in one thread
        return {}

    def _scorer(self, model: Any, train: Interactions) -> Counts:  # noqa: ARG002 - the model has counted
        return Counts(np.asarray(model.score, dtype=np.float64).reshape(-1))

"""Scorers of LensKit (https://lenskit.org), for implicit feedback.

They are of the LensKit that is installed. LensKit 2026 needs Python 3.12.5 or newer; on an older one, pip installs
LensKit 2025, which needs a pandas before 3, and ``lenskit2026/program.py`` runs LensKit 2026.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommenders.adapters.library_model import LibraryModel
from recommenders.adapters.passing_on import hyper_parameters, n_threads, seed_for
from recommenders.libraries import load

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


class _LensKit(LibraryModel):
    """A scorer of LensKit.

    Attributes
    ----------
    fixed
        Parameters of the library's class that are no hyper-parameters here.
    needs_history
        Whether the scorer is given the user and the items that the user has.
    """

    libraries: ClassVar[tuple[str, ...]] = ("lenskit",)
    fixed: ClassVar[dict[str, Any]] = {}
    needs_history: ClassVar[bool] = True

    def __post_init__(self) -> None:
        # LensKit has its own variables for the numbers of threads, and reads them once.
        for name in ("LK_NUM_THREADS", "LK_NUM_BACKEND_THREADS"):
            os.environ.setdefault(name, str(n_threads()))
        super().__post_init__()
        load("lenskit.data", "lenskit")
        load("lenskit.training", "lenskit")

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's scorer."""
        options = load("lenskit.training", "lenskit").TrainingOptions(rng=seed_for(self, rng), device="cpu")
        scorer = self.library_class()(**hyper_parameters(self), **self.fixed)
        scorer.train(_dataset(train), options)
        self._state = _UserByUser(scorer, train, self.needs_history)
        return self


@dataclass(frozen=True, eq=False)
class _UserByUser:
    """A trained scorer of LensKit, which is asked for one user at a time, as LensKit itself does.

    An item to which it gives no score, for example because the item has no neighbours, scores 0.
    """

    scorer: Any
    train: Interactions
    needs_history: bool

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the library's scores, ``(n, n_candidates)``, float64."""
        scores = np.empty(items.shape, dtype=np.float64)
        for row, user in enumerate(users.tolist()):
            # LensKit wants each item once, and a row may hold one twice.
            distinct, places = np.unique(items[row], return_inverse=True)
            scored = self._scored(user, load("lenskit.data", "lenskit").ItemList(item_ids=distinct))
            scores[row] = np.nan_to_num(np.asarray(scored.scores(), dtype=np.float64), nan=0.0)[places]
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the library's scores of all items, ``(n, n_items)``, float64."""
        return self.score(users, np.tile(np.arange(self.train.n_items, dtype=np.int32), (users.size, 1)))

    def _scored(self, user: int, items: Any) -> Any:
        """Return LensKit's list of items, with the scores that it gives them for a user."""
        if not self.needs_history:
            return self.scorer(items=items)
        data = load("lenskit.data", "lenskit")
        start, stop = self.train.offsets[user : user + 2]
        history = data.ItemList(item_ids=self.train.items[start:stop])
        return self.scorer(query=data.RecQuery(user_id=user, history_items=history), items=items)


def _dataset(train: Interactions) -> Any:
    """Return interactions as LensKit expects them; users and items without any are left out."""
    import pandas as pd

    frame = pd.DataFrame({"user_id": train.users, "item_id": train.items})
    return load("lenskit.data", "lenskit").from_interactions_df(frame)


@dataclass
class ImplicitMF(_LensKit):
    """Implicit alternating least squares of LensKit (Hu et al. 2008).

    Parameters
    ----------
    embedding_size, epochs, regularization, weight
        See ``lenskit.als.ImplicitMFScorer``. The defaults are those of LensKit 2025; ``embedding_size`` is 64 in 2026.
    """

    module: ClassVar[str] = "lenskit.als"
    model: ClassVar[str] = "ImplicitMFScorer"

    embedding_size: int = 50
    epochs: int = 10
    regularization: float = 0.1
    weight: float = 40.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [16, 32, 64, 128],
            "epochs": {"low": 5, "high": 40, "log": True},
            "regularization": {"low": 0.001, "high": 30.0, "log": True},
            "weight": {"low": 1.0, "high": 100.0, "log": True},
        }


@dataclass
class EASE(_LensKit):
    """EASE of LensKit (Steck 2019).

    Parameters
    ----------
    regularization
        See ``lenskit.knn.EASEScorer``; it is ``reg`` of our ``ease``.
    """

    deterministic: ClassVar[bool] = True
    module: ClassVar[str] = "lenskit.knn"
    model: ClassVar[str] = "EASEScorer"

    regularization: float = 1.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"regularization": {"low": 1.0, "high": 1e4, "log": True}}


@dataclass
class SLIM(_LensKit):
    """SLIM of LensKit (Ning and Karypis 2011), by coordinate descent.

    Parameters
    ----------
    l1_reg, l2_reg, max_iters, max_nbrs
        See ``lenskit.knn.SLIMScorer``. ``max_nbrs`` is not ``neighbors`` of our ``slim``: it chooses neighbours by
        cosine similarity, before anything is learned.
    """

    deterministic: ClassVar[bool] = True
    module: ClassVar[str] = "lenskit.knn"
    model: ClassVar[str] = "SLIMScorer"

    l1_reg: float = 1.0
    l2_reg: float = 1.0
    max_iters: int = 100
    max_nbrs: int | None = None

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "l1_reg": {"low": 0.01, "high": 10.0, "log": True},
            "l2_reg": {"low": 1.0, "high": 1000.0, "log": True},
            "max_nbrs": {"low": 20, "high": 1000, "log": True},
        }


@dataclass
class _Neighbours(_LensKit):
    deterministic: ClassVar[bool] = True
    fixed: ClassVar[dict[str, Any]] = {"feedback": "implicit"}

    max_nbrs: int = 20
    min_nbrs: int = 1
    min_sim: float = 1e-6

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "max_nbrs": {"low": 5, "high": 300, "log": True},
            "min_sim": {"low": 1e-6, "high": 0.1, "log": True},
        }


@dataclass
class ItemKNN(_Neighbours):
    """Item-based nearest neighbours of LensKit, for implicit feedback: a sum of similarities.

    Parameters
    ----------
    max_nbrs, min_nbrs, min_sim
        See ``lenskit.knn.ItemKNNScorer``.
    """

    module: ClassVar[str] = "lenskit.knn"
    model: ClassVar[str] = "ItemKNNScorer"


@dataclass
class UserKNN(_Neighbours):
    """User-based nearest neighbours of LensKit, for implicit feedback: a sum of similarities.

    Parameters
    ----------
    max_nbrs, min_nbrs, min_sim
        See ``lenskit.knn.UserKNNScorer``.
    """

    module: ClassVar[str] = "lenskit.knn"
    model: ClassVar[str] = "UserKNNScorer"


@dataclass
class Popularity(_LensKit):
    """Item popularity of LensKit.

    The library's parameter ``score`` cannot be a hyper-parameter here, because ``score`` is a method; it is always
    ``quantile``.
    """

    deterministic: ClassVar[bool] = True
    module: ClassVar[str] = "lenskit.basic"
    model: ClassVar[str] = "PopScorer"
    needs_history: ClassVar[bool] = False

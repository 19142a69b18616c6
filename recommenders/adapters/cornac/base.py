"""The base of the adapters of cornac's models: fitting, and scoring user by user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommenders.adapters.library_model import LibraryModel
from recommenders.adapters.passing_on import hyper_parameters, seed_for
from recommenders.libraries import load

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


class Cornac(LibraryModel):
    """A model of cornac.

    It always gets a seed, and with a seed the code that cornac compiled itself uses one thread.
    """

    libraries: ClassVar[tuple[str, ...]] = ("cornac",)
    module: ClassVar[str] = "cornac.models"

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        seed = seed_for(self, rng)
        parameters = {
            name: list(value) if isinstance(value, tuple) else value for name, value in hyper_parameters(self).items()
        }
        model = self.library_class()(**parameters, seed=seed, verbose=False)
        model.fit(_dataset(train, seed, train.n_items + self._n_extra_items(train)))
        self._state = UserByUser(model, train.n_items)
        return self

    def _n_extra_items(self, train: Interactions) -> int:  # noqa: ARG002 - only some models need any
        """Return how many items that no user has are added to the dataset."""
        return 0


class NegativeSampling(Cornac):
    """A model that draws items until it finds one that the user does not have.

    For a user of every item it would search forever. If there is such a user, cornac gets one more item, which no user
    has.
    """

    def _n_extra_items(self, train: Interactions) -> int:
        return int(np.bincount(train.users, minlength=1).max() == train.n_items)


@dataclass(frozen=True, eq=False)
class UserByUser:
    """A fitted model of cornac, which is asked for the scores of one user at a time, as cornac itself does."""

    model: Any
    n_items: int

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the library's scores, ``(n, n_candidates)``, float64."""
        scores = np.empty(items.shape, dtype=np.float64)
        for row, user in enumerate(users.tolist()):
            scores[row] = self._of_all_items(user)[items[row]]
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the library's scores of all items, ``(n, n_items)``, float64."""
        scores = np.empty((users.size, self.n_items), dtype=np.float64)
        for row, user in enumerate(users.tolist()):
            scores[row] = self._of_all_items(user)[: self.n_items]
        return scores

    def _of_all_items(self, user: int) -> Scores:
        return np.asarray(self.model.score(user)).reshape(-1)


def _dataset(train: Interactions, seed: int, n_items: int) -> Any:
    """Return interactions as cornac expects them: ratings of 1, and our indices in place of ids."""
    return load("cornac.data", "cornac").Dataset(
        num_users=train.n_users,
        num_items=n_items,
        uid_map=dict(zip(range(train.n_users), range(train.n_users), strict=True)),
        iid_map=dict(zip(range(n_items), range(n_items), strict=True)),
        uir_tuple=(train.users.astype(np.int64), train.items.astype(np.int64), np.ones(len(train))),
        seed=seed,
    )

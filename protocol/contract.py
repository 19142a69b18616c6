"""What a recommender is. A class with ``fit`` and ``score`` is enough; it need import nothing from here.

Hyper-parameters are the constructor's keyword parameters, so that a recommender can be rebuilt from its name and a
dictionary; an attribute of a parameter's name is that parameter, unchanged. Two class attributes may say what it is:
``deterministic = True``, that ``fit`` takes nothing from ``rng``, so one training seed is enough; and ``personalised =
False``, that what a user did does not decide that user's scores, so that `recbench check` does not expect it to learn
tastes. The extensions below are optional, and found by looking for the method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    import numpy as np

    from protocol.types import IndexArray, Interactions, Scores


@runtime_checkable
class Recommender(Protocol):
    """Anything that learns from interactions and scores candidates."""

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Learn from ``train``, taking all randomness from ``rng``, and return the recommender itself.

        ``train`` is all that a recommender sees before ``fit`` returns. Its arrays are read-only.
        """
        ...

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Score candidates.

        Parameters
        ----------
        users
            int32, ``(n,)``.
        items
            int32, ``(n, n_candidates)``: row ``i`` holds the candidates of ``users[i]`` in an arbitrary order. An item
            may stand in a row twice.

        Returns
        -------
        Scores
            ``(n, n_candidates)``, float32 or float64, finite; higher is better. Integers are converted to float64.
            Never written into by the caller.
        """
        ...


@runtime_checkable
class EpochRecommender(Recommender, Protocol):
    """A recommender that learns epoch by epoch, and leaves the loop to the harness.

    Its constructor has a hyper-parameter ``epochs``: the most epochs it will run.
    """

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Learn one epoch per step and yield its mean loss.

        After each yield ``score`` works, takes nothing from ``rng`` and changes no later training. Closing the
        iterator early leaves a usable model. ``fit`` exhausts it.
        """
        ...


@runtime_checkable
class FullRanker(Recommender, Protocol):
    """A recommender that scores the whole catalogue at once."""

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``; agrees with ``score`` within a relative 1e-5."""
        ...


@runtime_checkable
class Tunable(Recommender, Protocol):
    """A recommender that declares where to look for good hyper-parameters."""

    @classmethod
    def search_space(cls) -> Mapping[str, Any]:
        """Return the range or the choices of each hyper-parameter worth tuning, by name."""
        ...

"""Score some users once more, in another way: a score that depends on its user and its item alone stays the same (P14).

The users come in another order, in a block of another size, with some of their candidates in another order, and after
all other calls. Rounding may differ between blocks of different shapes, so scores may move a little.

With fewer than 2,000 users these are more than 1 %, because at least 20 are scored again: on small data that can cost
more than 2 % of scoring.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.blocks import equal_blocks
from protocol.contract import FullRanker, Recommender
from protocol.evaluation.ranking import BLOCK_BYTES, checked_array, checked_scores, not_finite
from protocol.keyed import bounded, derive, text_key, words
from protocol.types import frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.tasks.task import Task
    from protocol.types import IndexArray, Scores

    Mask = npt.NDArray[np.bool_]

SHARE, FEWEST, MOST = 0.01, 20, 1_000
"""The share of the users that are scored again, and the fewest and the most of them."""

N_ITEMS = 100
"""The number of items that are looked at where no candidates are drawn (P25), beside the held-out one."""

TOLERANCE = 1e-5
"""What may be due to rounding, as a share of half the spread of a user's scores, or of a tenth of the largest one."""


_MOST = 1e9
"""Differences beyond it are noted as it: a record holds finite numbers."""


@dataclass(frozen=True)
class Probe:
    """How far scores were from what they were before.

    Parameters
    ----------
    n_users
        Who were scored again.
    moved
        The largest difference between a score and the one of the ranking, in units of half the spread of the user's
        scores, or of a tenth of the largest one if that is more.
    disagreement
        The same between ``score_all`` and ``score``; None where the catalogue was not ranked by ``score_all``.
    """

    n_users: int
    moved: float
    disagreement: float | None


class Witness:
    """Remembers the scores of some users while all are ranked.

    Attributes
    ----------
    places
        The users' places among the evaluated ones, ascending, ``(n,)``.
    items
        The items that are looked at, int32, ``(n, m)``; the held-out one is the first.
    n_catalogue
        The number of all items.
    """

    def __init__(self, task: Task) -> None:
        candidates = task.candidates
        n_users = min(candidates.n_evaluated, MOST, max(FEWEST, math.ceil(SHARE * candidates.n_evaluated)))
        keys = derive(task.column_keys, text_key("probe"))
        self.places = np.sort(np.argsort(words(keys, 0), kind="stable")[:n_users])
        self.users, self.keys = candidates.users[self.places], keys[self.places]
        heldout = candidates.heldout[self.places, None]
        if task.is_full_ranking:
            others = bounded(self.keys[:, None], np.arange(1, 1 + N_ITEMS), task.train.n_items).astype(np.int32)
            self._is_rival = np.ones((n_users, 1 + N_ITEMS), dtype=np.bool_)
        else:
            others = candidates.negatives[self.places]
            self._is_rival = np.insert(candidates.is_rival[self.places], 0, values=True, axis=1)
        self.n_catalogue = task.train.n_items
        self.items: IndexArray = np.concatenate((heldout, others), axis=1)
        self._is_touched = _are_touched(task, self.users, self.items)
        self._by_score: list[Scores] = []
        self._by_score_all: list[Scores] = []

    def saw_candidates(self, block: slice, scores: Scores) -> None:
        """Note what ``score`` gave a block of the evaluated users for the held-out items and the candidates."""
        within = self._within(block)
        self._by_score.append(scores[self.places[within] - block.start])

    def saw_catalogue(self, block: slice, scores: Scores, *, by_score_all: bool) -> None:
        """Note what ``score_all``, or ``score``, gave a block of the evaluated users for all items."""
        within = self._within(block)
        rows = self.places[within, None] - block.start
        (self._by_score_all if by_score_all else self._by_score).append(scores[rows, self.items[within]])

    def _within(self, block: slice) -> slice:
        """Return which of the users are in a block of the evaluated ones."""
        first, last = np.searchsorted(self.places, (block.start, block.stop))
        return slice(int(first), int(last))

    @property
    def by_score(self) -> Scores | None:
        """What ``score`` gave, ``(n, m)``; None where only the catalogue was ranked, by ``score_all``."""
        return np.concatenate(self._by_score) if self._by_score else None

    @property
    def by_score_all(self) -> Scores | None:
        """What ``score_all`` gave for the items, ``(n, m)``; None where the catalogue was not ranked by it."""
        return np.concatenate(self._by_score_all) if self._by_score_all else None

    @property
    def is_open(self) -> Mask:
        """Which of the items count in both rankings, ``(n, m)``: rivals that the user never touched."""
        return self._is_rival & ~self._is_touched


def probe(recommender: Recommender, witness: Witness, name: str) -> Probe:
    """Score the users of a witness once more, and compare.

    Parameters
    ----------
    name
        What errors call the recommender.

    Raises
    ------
    ScoreError
        If the scores break the contract this time.
    """
    n_users, n_items = witness.items.shape
    columns = np.argsort(words(witness.keys[:, None], np.arange(n_items)), axis=1)[:, : math.ceil(n_items / 2)]

    def some(values: Any) -> Any:
        return np.take_along_axis(values, columns, axis=1)

    is_open, by_score, by_score_all = witness.is_open, witness.by_score, witness.by_score_all
    again = _scores_again(recommender, witness.users, some(witness.items), name)
    moved = [] if by_score is None else [_difference(some(by_score), again, some(is_open))]
    if by_score_all is None or not isinstance(recommender, FullRanker):
        return Probe(n_users, max(moved), None)
    moved.append(_difference(by_score_all, _all_scores_again(recommender, witness, name), is_open))
    if by_score is None:
        return Probe(n_users, max(moved), _difference(some(by_score_all), again, some(is_open)))
    return Probe(n_users, max(moved), _difference(by_score, by_score_all, is_open))


def _scores_again(recommender: Recommender, users: IndexArray, items: IndexArray, name: str) -> Scores:
    """Return what ``score`` gives the users, asked for in the opposite order."""
    answer = recommender.score(frozen(users[::-1], np.int32), frozen(items[::-1], np.int32))
    return checked_scores(answer, items.shape, name)[::-1]


def _all_scores_again(recommender: FullRanker, witness: Witness, name: str) -> Scores:
    """Return what ``score_all`` gives the users for the items of a witness, asked for in the opposite order."""
    users, items = frozen(witness.users[::-1], np.int32), witness.items[::-1]
    found = []
    for block in equal_blocks(users.size, 8 * witness.n_catalogue, BLOCK_BYTES):
        answer = recommender.score_all(users[block])
        everything = checked_array(answer, (users[block].size, witness.n_catalogue), name)
        found.append(np.take_along_axis(everything, items[block], axis=1))
    scores: Scores = np.concatenate(found)[::-1]
    if not np.isfinite(scores[witness.is_open]).all():
        raise not_finite(scores[witness.is_open], name)
    return scores


def _difference(before: Scores, after: Scores, is_open: Mask) -> float:
    """Return the largest difference of the scores that count, in the units of `Probe`."""
    # In this type there is room for the spread of the largest scores.
    first, second = (np.where(is_open, scores, 0).astype(np.longdouble) for scores in (before, after))
    high = np.max(first, axis=1, where=is_open, initial=-np.inf)
    low = np.min(first, axis=1, where=is_open, initial=np.inf)
    units = np.maximum((high - low) / 2, np.abs(first).max(axis=1) / 10)[:, None]
    differences = np.abs(second - first)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(units > 0, differences / units, differences > 0)
    return float(min(shares.max(), _MOST))


def _are_touched(task: Task, users: IndexArray, items: IndexArray) -> Mask:
    """Return which of the items their users touched before or after the held-out one, ``(n, m)``."""
    touched = np.zeros(items.shape, dtype=np.bool_)
    for part in (task.train, task.later):
        for row, user in enumerate(users):
            touched[row] |= np.isin(items[row], part.items[part.offsets[user] : part.offsets[user + 1]])
    return touched

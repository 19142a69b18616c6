"""Check scores, and make ranks of them (P13, P14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.blocks import equal_blocks
from protocol.errors import ScoreError
from protocol.evaluation.tensors import as_array
from protocol.types import IndexArray, Scores, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

_LARGEST_EXACT_INTEGER = 2**53

BLOCK_BYTES = 24 * 2**20
"""The largest block of scores, at eight bytes each. Below 32 MiB, glibc reuses freed memory; for a larger
block it asks the system each time, which clears every page."""

RANKED_BYTES = 2**21
"""The bytes of scores that are ranked at once: they and the results of comparing them stay in the cache."""


@dataclass(frozen=True, eq=False)
class Ranks:
    """The rank of each user's held-out item among its rivals.

    Parameters
    ----------
    n_better, n_tied, n_rivals
        int32, ``(n_eval,)``: the number of rivals that score strictly higher than the held-out item, the number that
        score the same, and the number of all rivals.
    """

    n_better: IndexArray
    n_tied: IndexArray
    n_rivals: IndexArray

    def __post_init__(self) -> None:
        for name in ("n_better", "n_tied", "n_rivals"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int32))
        if not self.n_better.shape == self.n_tied.shape == self.n_rivals.shape == (self.n_better.size,):
            raise ValueError(
                f"n_better {self.n_better.shape}, n_tied {self.n_tied.shape} and n_rivals {self.n_rivals.shape} "
                "must be one-dimensional and of one length"
            )
        if np.any(self.n_better < 0) or np.any(self.n_tied < 0) or np.any(self.n_better + self.n_tied > self.n_rivals):
            raise ValueError("n_better and n_tied must be counts of rivals: not negative, together at most n_rivals")

    def of(self, users: npt.NDArray[np.bool_]) -> Ranks:
        """Return the ranks of some users.

        Parameters
        ----------
        users
            bool, ``(n_eval,)``.
        """
        return Ranks(self.n_better[users], self.n_tied[users], self.n_rivals[users])

    @classmethod
    def concatenate(cls, parts: list[Ranks]) -> Ranks:
        """Return the ranks of several blocks of users as one."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("n_better", "n_tied", "n_rivals")))


def rank_heldout(scores: Scores, is_rival: npt.NDArray[np.bool_] | None = None) -> Ranks:
    """Rank the held-out item, in column 0, among the other columns.

    Parameters
    ----------
    scores
        ``(n_eval, 1 + n_negatives)``; higher is better; finite.
    is_rival
        bool, ``(n_eval, n_negatives)``: the other columns that are rivals; all by default.
    """
    n_better, n_tied, n_rivals = np.empty((3, len(scores)), dtype=np.int32)
    n_rivals[:] = scores.shape[1] - 1 if is_rival is None else true_counts(is_rival)
    for block in equal_blocks(len(scores), scores.itemsize * scores.shape[1], RANKED_BYTES):
        heldout, others = scores[block, :1], scores[block, 1:]
        better, tied = others > heldout, others == heldout
        if is_rival is not None:
            better &= is_rival[block]
            tied &= is_rival[block]
        n_better[block], n_tied[block] = true_counts(better), true_counts(tied)
    return Ranks(n_better, n_tied, n_rivals)


def true_counts(mask: npt.NDArray[np.bool_]) -> IndexArray:
    """Return the number of true values in each row of ``(n, n_columns)``; int32, ``(n,)``.

    Counting packed bits is faster than `numpy.count_nonzero` along an axis, which adds integers of eight bytes.
    """
    counts: IndexArray = np.bitwise_count(np.packbits(mask, axis=1)).sum(axis=1, dtype=np.int32)
    return counts


def checked_scores(scores: Any, shape: tuple[int, ...], name: str) -> Scores:
    """Return a recommender's scores if they keep the contract (see `checked_array`).

    Raises
    ------
    ScoreError
        If `checked_array` refuses them, or they are not finite.
    """
    plain = checked_array(scores, shape, name)
    if not np.isfinite(plain).all():
        raise not_finite(plain, name)
    return plain


def not_finite(scores: Scores, name: str) -> ScoreError:
    """Return the error that counts the scores that are not finite."""
    n_bad = int(np.sum(~np.isfinite(scores)))
    kind = "NaN" if np.isnan(scores).any() else "infinite"
    return ScoreError(f"{name}: {n_bad} of {scores.size} scores are not finite (some are {kind}), expected numbers")


def checked_array(scores: Any, shape: tuple[int, ...], name: str) -> Scores:
    """Return a recommender's scores if they are an array of the right shape and type; they need not be finite.

    Integers are converted to float64. Everything else is returned without a copy; a subclass of NumPy's array is
    returned as the plain array beneath, a tensor of PyTorch as the array of its values.

    Parameters
    ----------
    shape
        The shape that they must have: ``(n, n_candidates)`` or, of the whole catalogue, ``(n, n_items)``.
    name
        What errors call the recommender.

    Raises
    ------
    ScoreError
        If they are neither a NumPy array nor a tensor, or have another shape or type, or are masked, or are integers
        that float64 cannot hold.
    """
    scores = as_array(scores)
    if not isinstance(scores, np.ndarray):
        raise ScoreError(
            f"{name}: scores are a {type(scores).__module__}.{type(scores).__qualname__}, expected a NumPy array; "
            "convert them, say with np.asarray(scores)"
        )
    if np.ma.is_masked(scores):
        raise ScoreError(
            f"{name}: {int(np.ma.getmaskarray(scores).sum())} of {scores.size} scores are masked, expected a number "
            "for each; give them one, say with scores.filled(-1e9)"
        )
    # A matrix or a masked array compares and counts differently.
    plain: npt.NDArray[Any] = np.asarray(scores)
    if plain.shape != shape:
        raise ScoreError(f"{name}: scores have shape {plain.shape}, expected {shape}, one per candidate")
    if np.issubdtype(plain.dtype, np.integer):
        if plain.size and max(int(plain.max()), -int(plain.min())) > _LARGEST_EXACT_INTEGER:
            raise ScoreError(f"{name}: integer scores lie beyond 2^53, where float64 is no longer exact; return floats")
        return plain.astype(np.float64)
    if plain.dtype not in (np.float32, np.float64):
        raise ScoreError(f"{name}: scores are of type {plain.dtype}, expected float32, float64 or integers")
    return plain

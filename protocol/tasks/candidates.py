"""The candidates of each evaluated user: the held-out item and negatives that the user never touched (P9 to P12)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from protocol.blocks import blocks
from protocol.errors import ProtocolError
from protocol.keyed import Keys, bounded
from protocol.types import IndexArray, frozen

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_array

ShortUsers: TypeAlias = Literal["error", "drop", "all"]
"""The ways to treat users who have fewer untouched items than the asked number of negatives."""

BLOCK_CELLS = 2**18
"""The number of touched items and negatives in one block. At some fifty bytes each, they stay in the cache."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """The evaluated users, each with a held-out item and the negatives that it is ranked against.

    Parameters
    ----------
    users
        int32, ``(n_eval,)``.
    heldout
        int32, ``(n_eval,)``.
    negatives
        int32, ``(n_eval, n_negatives)``, sorted within each row. Rows with fewer negatives are padded with the held-out
        item, which is never its own rival. Without any column, every untouched item is a rival (P25).
    """

    users: IndexArray
    heldout: IndexArray
    negatives: IndexArray

    def __post_init__(self) -> None:
        for name in ("users", "heldout", "negatives"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int32))
        if np.any(self.negatives[:, 1:] < self.negatives[:, :-1]):
            raise ValueError("negatives must be sorted within each row")

    @property
    def n_evaluated(self) -> int:
        """The number of evaluated users."""
        return int(self.users.size)

    @property
    def items(self) -> IndexArray:
        """All candidates, int32, ``(n_eval, 1 + n_negatives)``: column 0 is the held-out item."""
        return np.concatenate((self.heldout[:, None], self.negatives), axis=1)

    @cached_property
    def is_rival(self) -> npt.NDArray[np.bool_]:
        """The negatives that are rivals: distinct and not the held-out item; bool, ``(n_eval, n_negatives)``."""
        rival: npt.NDArray[np.bool_] = self.negatives != self.heldout[:, None]
        rival[:, 1:] &= self.negatives[:, 1:] != self.negatives[:, :-1]
        return rival

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of users, held-out items and sorted negatives."""
        digest = hashlib.sha256(f"candidates {self.negatives.shape}".encode())
        for part in (self.users, self.heldout, self.negatives):
            digest.update(part.astype("<i4", copy=False).data)
        return digest.hexdigest()


def draw_candidates(
    touched: csr_array[Any, tuple[int, int]],
    users: IndexArray,
    heldout: IndexArray,
    keys: Keys,
    n_negatives: int,
    short_users: ShortUsers = "error",
) -> Candidates:
    """Draw distinct negatives for each user, uniform over all sets of items that the user never touched.

    Each list is a pure function of the user's key and untouched items. It does not depend on the block size, the order
    of rows, the machine or the other users.

    Parameters
    ----------
    touched
        ``(n_users, n_items)``: the items that each user touched, with the held-out item; sorted indices in each row.
    users, heldout
        int32, ``(n_eval,)``: the users to draw for, and their held-out items.
    keys
        uint64, ``(n_eval,)``: one random stream per user.
    n_negatives
        The number of items to draw for each; with 0 every untouched item is a rival.
    short_users
        ``"error"``: raise; ``"drop"``: leave these users out; ``"all"``: give them all their untouched items.

    Raises
    ------
    ProtocolError
        If ``n_negatives`` is negative, or users have too few untouched items and ``short_users`` is ``"error"``.
    """
    if n_negatives < 0:
        raise ProtocolError(f"the number of negatives is {n_negatives}, expected 0 or more")
    n_touched = np.diff(touched.indptr)[users].astype(np.int64)
    n_untouched = touched.shape[1] - n_touched
    n_needed = max(n_negatives, 1)
    enough = n_untouched >= n_needed
    if short_users == "error" and not enough.all():
        fewer = "ask for fewer with --negatives, or " if n_negatives > 1 else ""
        raise ProtocolError(
            f"{np.sum(~enough)} of {users.size} evaluated users have fewer than {n_needed} items they never touched "
            f"(the fewest: {n_untouched.min()}); {fewer}say what to do with these users: "
            "--short-users drop (leave them out) or --short-users all (rank against all their untouched items)"
        )
    if short_users == "drop":
        users, heldout, keys, n_touched = users[enough], heldout[enough], keys[enough], n_touched[enough]
        if users.size == 0:
            raise ProtocolError(f"no user has {n_needed} untouched items, so --short-users drop leaves no user")
    if n_negatives == 0:
        return Candidates(users, heldout, np.empty((users.size, 0), dtype=np.int32))
    negatives = np.empty((users.size, n_negatives), dtype=np.int32)
    for block in blocks(n_touched + n_negatives, BLOCK_CELLS):
        negatives[block] = _draw_block(touched, users[block], heldout[block], keys[block], n_negatives)
    return Candidates(users, heldout, negatives)


def _draw_block(
    touched: csr_array[Any, tuple[int, int]], users: IndexArray, heldout: IndexArray, keys: Keys, n_negatives: int
) -> IndexArray:
    """Return sorted negatives, int32 ``(n, n_negatives)``; short rows are padded with ``heldout``."""
    untouched = Untouched(touched, users)
    enough = untouched.counts >= n_negatives
    positions = np.broadcast_to(np.arange(n_negatives), (users.size, n_negatives)).copy()
    positions[enough] = sample_positions(keys[enough], untouched.counts[enough], n_negatives)
    # A binary search is faster for ascending values.
    positions.sort(axis=1)
    exists = positions < untouched.counts[:, None]
    negatives = np.broadcast_to(heldout[:, None], positions.shape).copy()
    rows = np.broadcast_to(np.arange(users.size)[:, None], positions.shape)
    negatives[exists] = untouched.items_at(rows[exists], positions[exists])
    # Only the padding of short rows can still be out of order.
    negatives.sort(axis=1)
    return negatives


class Untouched:
    """The untouched items of some users, in ascending order, without a list of them.

    The ``p``-th untouched item of a user is ``p`` plus the number of touched items before it. The ``i``-th touched item
    ``t[i]`` is before it if ``t[i] - i <= p``. These shifted values ascend within a user, so one binary search over all
    users finds the number.
    """

    def __init__(self, touched: csr_array[Any, tuple[int, int]], users: IndexArray) -> None:
        n_touched = np.diff(touched.indptr)[users].astype(np.int64)
        self.counts = touched.shape[1] - n_touched
        self._starts = np.cumsum(n_touched) - n_touched
        self._stride = touched.shape[1] + 1
        rows = np.repeat(np.arange(users.size), n_touched)
        index_in_row = np.arange(rows.size) - self._starts[rows]
        items = touched.indices[touched.indptr[users].astype(np.int64)[rows] + index_in_row]
        self._shifted = rows * self._stride + items - index_in_row

    def items_at(self, rows: npt.NDArray[np.int64], positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the items at some positions among the untouched items of some users.

        Parameters
        ----------
        rows, positions
            ``(n,)`` each: a user, as an index into the ``users`` of this object, and a position counted from 0.
        """
        n_before = np.searchsorted(self._shifted, rows * self._stride + positions, side="right") - self._starts[rows]
        return positions + n_before


def sample_positions(keys: Keys, sizes: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """Return ``n`` distinct positions out of ``0 .. size - 1`` for each key, uniform over all such sets.

    Floyd's algorithm (Bentley & Floyd, "A sample of brilliance", CACM 1987): at step ``i`` draw ``t`` from
    ``0 .. size - n + i`` and take it, or take ``size - n + i`` if ``t`` is taken already.

    Parameters
    ----------
    keys
        uint64, ``(n_rows,)``.
    sizes
        int64, ``(n_rows,)``, each at least ``n`` and below 2^32.

    Returns
    -------
    int64, ``(n_rows, n)``, in the order of drawing.
    """
    steps = np.arange(n)
    tops = sizes[:, None] - n + steps
    chosen = bounded(keys[:, None], steps, tops + 1)
    # If all draws of a row differ, none was taken already: only the other rows need the steps one by one.
    in_order = np.sort(chosen, axis=1)
    repeats = np.flatnonzero((in_order[:, 1:] == in_order[:, :-1]).any(axis=1))
    resolved = chosen[repeats]
    for step in range(1, n):
        taken = (resolved[:, :step] == resolved[:, step, None]).any(axis=1)
        resolved[taken, step] = tops[repeats[taken], step]
    chosen[repeats] = resolved
    return chosen

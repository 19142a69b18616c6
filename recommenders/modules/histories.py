"""Histories cut into windows: the items before a next item, of at most a given number, as rows of the interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions

    Rows = npt.NDArray[np.int64]
    Targets = npt.NDArray[np.integer[Any]]


def spaced_targets(train: Interactions, length: int) -> Rows:
    """Return the last next item of each window, where all items of a window but its first are next items.

    A history is cut from its end into windows of ``length + 1`` items that overlap by one. So each item but the first
    is once the next item of another one. ``1 2 3 4 5 6`` with length 2 has the windows ``4 5 6``, ``2 3 4`` and
    ``1 2``.

    Returns
    -------
    Rows
        int64, ``(n,)``: rows of ``train``.
    """
    n_windows = -(-np.maximum(np.diff(train.offsets) - 1, 0) // length)
    users = np.repeat(np.arange(train.n_users), n_windows)
    place = np.arange(users.size) - np.repeat(np.cumsum(n_windows) - n_windows, n_windows)
    return np.asarray(train.offsets[users + 1] - 1 - place * length, dtype=np.int64)


def all_targets(train: Interactions) -> IndexArray:
    """Return all rows of ``train`` but each user's first, int32, ``(n,)``: each is the next item of its own window."""
    rows = np.arange(len(train), dtype=np.int32)
    return rows[rows > train.offsets[train.users]]


def starts_of(train: Interactions, targets: Targets, length: int) -> Rows:
    """Return the first row of the window before each target: the user's first, or that ``length`` rows before."""
    return np.asarray(np.maximum(train.offsets[train.users[targets]], targets - length), dtype=np.int64)


def rows_between(starts: Rows, ends: Rows, width: int, *, in_front: bool = False) -> Rows:
    """Return the rows from each start to before its end, at most ``width``, int64, ``(n, width)``, padded with -1.

    The padding is behind the rows, or in front of them.
    """
    first = ends - width if in_front else starts
    rows = first[:, None] + np.arange(width)
    return np.where((rows >= starts[:, None]) & (rows < ends[:, None]), rows, -1)


def items_in(rows: Rows, items: npt.NDArray[np.integer[Any]], padding: int) -> Rows:
    """Return the items in rows, int64, of the same shape; ``padding`` for -1."""
    if not items.size:
        return np.full(rows.shape, padding, dtype=np.int64)
    return np.where(rows < 0, padding, items[rows]).astype(np.int64, copy=False)


def latest(train: Interactions, length: int) -> dict[str, Rows]:
    """Return each user's last items, at most ``length``.

    Returns
    -------
    dict
        ``latest``, the items one user after the other, oldest first, and ``offsets``, ``(n_users + 1,)``, where each
        user's begin.
    """
    counts = np.minimum(np.diff(train.offsets), length)
    is_late = np.arange(len(train)) >= train.offsets[train.users + 1] - length
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return {"latest": train.items[is_late].astype(np.int64), "offsets": offsets}

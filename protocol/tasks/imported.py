"""The split and the lists that come with a dataset, used unchanged (P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.candidates import Candidates
from protocol.tasks.split import Split

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset, ImportedLists
    from protocol.tasks.split_rule import SplitRule


def imported_split(dataset: Dataset, lists: ImportedLists) -> Split:
    """Return the split that comes with a dataset.

    Raises
    ------
    ProtocolError
        If a held-out interaction is not among the dataset's interactions.
    """
    interactions = dataset.interactions
    # Pairs are unique, so each code belongs to one row.
    codes = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    heldout = lists.heldout_users.astype(np.int64) * interactions.n_items + lists.heldout_items
    kept = ~np.isin(codes, heldout, kind="sort")
    if len(interactions) - np.count_nonzero(kept) != heldout.size:
        raise ProtocolError(
            f"{dataset.name}: {heldout.size} interactions are held out, "
            f"but {len(interactions) - np.count_nonzero(kept)} of them are among its interactions; each must be, once"
        )
    return Split(
        train=interactions.where(kept),
        users=lists.heldout_users,
        items=lists.heldout_items,
        tied=np.zeros(heldout.size, dtype=np.bool_),
        n_short_users=0,
        later=interactions.where(np.zeros(len(interactions), dtype=np.bool_)),
    )


def imported_candidates(lists: ImportedLists, *, listed: bool) -> Candidates:
    """Return the lists unchanged, or empty ones if not ``listed``; `Candidates` says which of them are rivals."""
    negatives = np.sort(lists.negatives, axis=1) if listed else lists.negatives[:, :0]
    return Candidates(lists.heldout_users, lists.heldout_items, negatives)


def refuse_other_split(dataset: Dataset, rule: SplitRule) -> None:
    """Refuse another split for a dataset that comes with one.

    Raises
    ------
    ProtocolError
        If ``rule`` is not the default.
    """
    if rule.share is not None:
        raise ProtocolError(
            f"{dataset.name} comes with a split of its own, and its times only give the order of each user's "
            f"interactions, so --split {rule} is impossible; give the interactions with their real times as a file, or "
            "leave out --split"
        )

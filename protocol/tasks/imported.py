"""The split and the lists that come with a dataset, used unchanged (P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.candidates import Candidates
from protocol.tasks.split import Split
from protocol.tasks.split_rule import TIME, SplitRule

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.dataset import Dataset, ImportedLists
    from protocol.types import Interactions


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


def facts_of_lists(lists: ImportedLists, train: Interactions) -> dict[str, int]:
    """Return what is unusual in the lists, counted: they are used unchanged, so a reader must know.

    Nothing is returned where it is not known which entries are padding.

    Parameters
    ----------
    train
        What the recommenders train on.
    """
    if lists.lengths is None:
        return {}
    entries, is_entry = lists.negatives, np.arange(lists.negatives.shape[1]) < lists.lengths[:, None]
    pairs = lists.heldout_users[:, None].astype(np.int64) * train.n_items + entries
    trained = is_entry & np.isin(pairs, train.users.astype(np.int64) * train.n_items + train.items, kind="sort")
    # Padding gets numbers of its own, so that it repeats nothing.
    ascending = np.sort(np.where(is_entry, entries, -1 - np.arange(entries.shape[1])), axis=1)
    return {
        "n_lists_with_heldout": _n_lists(is_entry & (entries == lists.heldout_items[:, None])),
        "n_lists_with_repeats": _n_lists(ascending[:, 1:] == ascending[:, :-1]),
        "n_lists_with_trained": _n_lists(trained),
    }


def _n_lists(found: npt.NDArray[np.bool_]) -> int:
    """Return the number of lists, which are rows, with at least one entry that was found."""
    return int(np.count_nonzero(found.any(axis=1)))


def refuse_other_split(dataset: Dataset, rule: SplitRule) -> None:
    """Refuse another split for a dataset that comes with one.

    Raises
    ------
    ProtocolError
        If ``rule`` is not the default.
    """
    if rule == SplitRule():
        return
    times = ", and its times only give the order of each user's interactions" if rule.kind == TIME else ""
    real = " with their real times" if rule.kind == TIME else ""
    raise ProtocolError(
        f"{dataset.name} comes with a split of its own{times}, so --split {rule} is impossible; give the interactions"
        f"{real} as a file, or leave out --split"
    )

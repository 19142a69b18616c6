"""A task: the dataset, its split and its candidates under one digest; what two results must share to be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from protocol.candidates import Candidates, ShortUsers, draw_candidates
from protocol.counts import count_train
from protocol.errors import ProtocolError
from protocol.keyed import Keys, derive, id_keys, root_key
from protocol.split import Split, leave_last_out
from protocol.types import Interactions, frozen

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.dataset import Dataset, ImportedLists

Purpose: TypeAlias = Literal["test", "validation"]

DEFAULT_NEGATIVES = 100

_TRAIN, _EVALUATION, _ABOUT = "train.npz", "evaluation.npz", "task.json"


@dataclass(frozen=True, eq=False)
class Task:
    """What a recommender is trained on and measured by.

    Parameters
    ----------
    train
        All that a recommender sees before it is scored.
    candidates
        Whom to rank for, and what.
    column_keys
        uint64, ``(n_eval,)``: the key of the order in which each user's candidates are shown to the recommender.
    purpose
        ``"test"``, or ``"validation"`` for the task that selects.
    parts
        What makes the task, by name: two tasks are the same where all parts are.
    facts
        Counts and notes for the reader of a table.
    """

    train: Interactions
    candidates: Candidates
    column_keys: Keys
    purpose: Purpose
    dataset: str
    parts: dict[str, str]
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column_keys", frozen(self.column_keys, np.uint64))

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over the names and values of all parts."""
        return hashlib.sha256(json.dumps(self.parts, sort_keys=True).encode()).hexdigest()

    def save(self, folder: Path) -> None:
        """Write the task; the training interactions lie in a file of their own, to be had without the candidates."""
        folder.mkdir(parents=True, exist_ok=True)
        train, candidates = self.train, self.candidates
        sizes = np.array([train.n_users, train.n_items])
        np.savez(folder / _TRAIN, users=train.users, items=train.items, timestamps=train.timestamps, sizes=sizes)
        np.savez(
            folder / _EVALUATION,
            users=candidates.users,
            heldout=candidates.heldout,
            negatives=candidates.negatives,
            column_keys=self.column_keys,
        )
        about = {"purpose": self.purpose, "dataset": self.dataset, "parts": self.parts, "facts": self.facts}
        (folder / _ABOUT).write_text(json.dumps(about, indent=2))

    @classmethod
    def load(cls, folder: Path) -> Task:
        """Read what `save` wrote."""
        about = json.loads((folder / _ABOUT).read_text())
        with np.load(folder / _EVALUATION) as stored:
            candidates = Candidates(stored["users"], stored["heldout"], stored["negatives"])
            return cls(load_train(folder), candidates, stored["column_keys"], **about)


def load_train(folder: Path) -> Interactions:
    """Read the training interactions of a saved task, and nothing else of it."""
    with np.load(folder / _TRAIN) as stored:
        n_users, n_items = (int(size) for size in stored["sizes"])
        return Interactions(stored["users"], stored["items"], stored["timestamps"], n_users, n_items)


def build_task(
    dataset: Dataset,
    *,
    protocol_seed: int = 0,
    n_negatives: int = DEFAULT_NEGATIVES,
    short_users: ShortUsers = "error",
) -> Task:
    """Split a dataset, draw its candidates, and put a digest over both: the task that is scored once.

    Where the dataset brings a split and lists of its own, these are taken as they are.

    Raises
    ------
    ProtocolError
        If nobody can be evaluated, or too few items are untouched (see `draw_candidates`).
    """
    if dataset.imported is not None:
        split, candidates = _imported(dataset, dataset.imported), _imported_candidates(dataset.imported)
        return _task(dataset, split, candidates, "test", protocol_seed, split_rule="imported")
    return _leave_last_out_task(dataset, "test", protocol_seed, n_negatives, short_users)


def build_validation_task(
    dataset: Dataset,
    *,
    protocol_seed: int = 0,
    n_negatives: int = DEFAULT_NEGATIVES,
    short_users: ShortUsers = "error",
) -> Task:
    """Apply the protocol once more, to what the test task trains on: the task for everything that selects.

    It is built from the training interactions alone, in index spaces of its own: a test item that nobody trains on
    does not exist for it, and one that others train on is an item like any other. So it cannot know the test items.

    Raises
    ------
    ProtocolError
        As `build_task`.
    """
    if dataset.imported is not None:
        train = _imported(dataset, dataset.imported).train
    else:
        train = leave_last_out(dataset, protocol_seed).train
    return _leave_last_out_task(dataset.restricted_to(train), "validation", protocol_seed, n_negatives, short_users)


def _leave_last_out_task(
    dataset: Dataset, purpose: Purpose, protocol_seed: int, n_negatives: int, short_users: ShortUsers
) -> Task:
    split = leave_last_out(dataset, protocol_seed)
    candidates = draw_candidates(
        dataset.interactions.to_csr(np.bool_),
        split.users,
        split.items,
        derive(root_key(protocol_seed, f"candidates of the {purpose} task"), id_keys(dataset.user_ids)[split.users]),
        n_negatives,
        short_users,
    )
    return _task(dataset, split, candidates, purpose, protocol_seed, split_rule="leave-last-out")


def _task(
    dataset: Dataset, split: Split, candidates: Candidates, purpose: Purpose, protocol_seed: int, *, split_rule: str
) -> Task:
    column_root = root_key(protocol_seed, f"column order of the {purpose} task")
    return Task(
        train=split.train,
        candidates=candidates,
        column_keys=derive(column_root, id_keys(dataset.user_ids)[candidates.users]),
        purpose=purpose,
        dataset=dataset.name,
        parts={
            "purpose": purpose,
            "dataset": dataset.digest,
            "protocol_seed": str(protocol_seed),
            "split": split_rule,
            "candidates": candidates.digest,
        },
        facts=_facts(dataset, split, candidates),
    )


def _imported(dataset: Dataset, lists: ImportedLists) -> Split:
    """Return the split that an imported dataset brings."""
    interactions = dataset.interactions
    # Pairs are unique, so a pair's code finds its row.
    codes = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    heldout = lists.heldout_users.astype(np.int64) * interactions.n_items + lists.heldout_items
    kept = ~np.isin(codes, heldout, kind="sort")
    if len(interactions) - np.count_nonzero(kept) != heldout.size:
        raise ProtocolError(
            f"{dataset.name}: {heldout.size} interactions are held out, "
            f"but {len(interactions) - np.count_nonzero(kept)} of them are among its interactions; each must be, once"
        )
    untied = np.zeros(heldout.size, dtype=np.bool_)
    return Split(interactions.where(kept), lists.heldout_users, lists.heldout_items, untied, n_short_users=0)


def _imported_candidates(lists: ImportedLists) -> Candidates:
    """Return foreign lists as they are; which of them are rivals, `Candidates` knows."""
    return Candidates(lists.heldout_users, lists.heldout_items, np.sort(lists.negatives, axis=1))


def _facts(dataset: Dataset, split: Split, candidates: Candidates) -> dict[str, Any]:
    """Return what a reader should know of the data, in JSON's types."""
    counts = count_train(split.train, candidates)
    evaluated = np.isin(split.users, candidates.users)
    return {
        "n_users": dataset.interactions.n_users,
        "n_items": dataset.interactions.n_items,
        "n_interactions": len(dataset.interactions),
        "n_duplicates": dataset.n_duplicates,
        "n_train": len(split.train),
        "n_evaluated": candidates.n_evaluated,
        "n_negatives": int(candidates.negatives.shape[1]),
        "n_tied_users": int(np.count_nonzero(split.tied & evaluated)),
        "n_short_users": split.n_short_users,
        "n_dropped_users": int(np.count_nonzero(~evaluated)),
        "n_cold_heldout": int(np.count_nonzero(counts.heldout == 0)),
        "notes": list(dataset.notes),
    }

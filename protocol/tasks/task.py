"""A task: the dataset, its split and its candidates under one digest; what two results must share to be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from protocol.errors import ProtocolError
from protocol.keyed import Keys, derive, id_keys, root_key
from protocol.tasks.candidates import Candidates, ShortUsers, draw_candidates
from protocol.tasks.counts import count_train
from protocol.tasks.split import Split, leave_last_out
from protocol.tasks.split_rule import LAST, SplitRule, parse_rule
from protocol.tasks.time_split import split_at_time
from protocol.types import Interactions, frozen

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from protocol.data.dataset import Dataset, ImportedLists

Purpose: TypeAlias = Literal["test", "validation"]

DEFAULT_NEGATIVES = 100

MOST_LISTED = 10**8
"""How many candidates `written_out` lists at most, at some thirty bytes each while they are used."""

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
    later
        What evaluated users did after their held-out interaction, in the index spaces of ``train``: neither trained
        on nor ranked. Empty where the latest one is held out.
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
    later: Interactions
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

    @property
    def is_full_ranking(self) -> bool:
        """Whether no negatives are drawn, and every untouched item is a rival (P25)."""
        return bool(self.candidates.negatives.shape[1] == 0)

    @property
    def n_untouched(self) -> npt.NDArray[np.int64]:
        """How many items each evaluated user never touched; int64, ``(n_eval,)``."""
        users = self.candidates.users
        n_others = sum(np.diff(interactions.offsets)[users] for interactions in (self.train, self.later))
        return np.asarray(self.train.n_items - 1 - n_others)

    @property
    def n_rivals(self) -> npt.NDArray[np.int64]:
        """Against how many items each held-out item is ranked; int64, ``(n_eval,)``."""
        if self.is_full_ranking:
            return self.n_untouched
        return np.asarray(np.count_nonzero(self.candidates.is_rival, axis=1))

    def save(self, folder: Path) -> None:
        """Write the task; the training interactions lie in a file of their own, to be had without the candidates."""
        folder.mkdir(parents=True, exist_ok=True)
        train, candidates, later = self.train, self.candidates, self.later
        sizes = np.array([train.n_users, train.n_items])
        np.savez(folder / _TRAIN, users=train.users, items=train.items, timestamps=train.timestamps, sizes=sizes)
        np.savez(
            folder / _EVALUATION,
            users=candidates.users,
            heldout=candidates.heldout,
            negatives=candidates.negatives,
            later_users=later.users,
            later_items=later.items,
            later_timestamps=later.timestamps,
            column_keys=self.column_keys,
        )
        about = {"purpose": self.purpose, "dataset": self.dataset, "parts": self.parts, "facts": self.facts}
        (folder / _ABOUT).write_text(json.dumps(about, indent=2))

    @classmethod
    def load(cls, folder: Path) -> Task:
        """Read what `save` wrote."""
        about, train = json.loads((folder / _ABOUT).read_text()), load_train(folder)
        with np.load(folder / _EVALUATION) as stored:
            candidates = Candidates(stored["users"], stored["heldout"], stored["negatives"])
            users, items, timestamps = (stored[f"later_{name}"] for name in ("users", "items", "timestamps"))
            later = Interactions(users, items, timestamps, train.n_users, train.n_items)
            return cls(train, candidates, later, stored["column_keys"], **about)


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
    split: str = LAST,
) -> Task:
    """Split a dataset, draw its candidates, and put a digest over both: the task that is scored once.

    Where the dataset brings a split and lists of its own, these are taken as they are.

    Parameters
    ----------
    n_negatives
        How many to draw for each user; 0 ranks held-out items against every untouched item, and nothing else.
    short_users
        See `draw_candidates`.
    split
        See `protocol.tasks.split_rule.parse_rule`.

    Raises
    ------
    ProtocolError
        If nobody can be evaluated, too few items are untouched (see `draw_candidates`), or the split is unknown or
        none that the dataset can have.
    """
    rule = parse_rule(split)
    if dataset.imported is not None:
        _refuse_other_split(dataset, rule)
        imported = _imported(dataset, dataset.imported)
        candidates = _imported_candidates(dataset.imported, listed=n_negatives > 0)
        return _task(dataset, imported, candidates, "test", protocol_seed, split_part="imported")
    return _split_and_drawn(dataset, "test", rule, protocol_seed, n_negatives, short_users)


def build_validation_task(
    dataset: Dataset,
    *,
    protocol_seed: int = 0,
    n_negatives: int = DEFAULT_NEGATIVES,
    short_users: ShortUsers = "error",
    split: str = LAST,
) -> Task:
    """Apply the protocol once more, to what the test task trains on: the task for everything that selects.

    It is built from the training interactions alone, in index spaces of its own: a test item that nobody trains on
    does not exist for it, and one that others train on is an item like any other. So it cannot know the test items.

    Raises
    ------
    ProtocolError
        As `build_task`.
    """
    rule = parse_rule(split)
    if dataset.imported is not None:
        _refuse_other_split(dataset, rule)
        train = _imported(dataset, dataset.imported).train
    else:
        train = _split(dataset, rule, protocol_seed).train
    restricted = dataset.restricted_to(train)
    try:
        return _split_and_drawn(restricted, "validation", rule, protocol_seed, n_negatives, short_users)
    except ProtocolError as error:
        raise ProtocolError(f"the validation task, made of what is trained on: {error}") from error


def written_out(task: Task, dataset: Dataset) -> Task:
    """Return a task whose candidates list every rival, for those who cannot rank a whole catalogue.

    Of one that draws negatives that is the task itself; of one of the full ranking (P25), each user's lists hold all
    untouched items. It has the same digest.

    Parameters
    ----------
    dataset
        Of the task.

    Raises
    ------
    ProtocolError
        If there are more than `MOST_LISTED` candidates.
    """
    if not task.is_full_ranking:
        return task
    longest = int(task.n_untouched.max())
    n_listed = task.candidates.n_evaluated * (1 + longest)
    if n_listed > MOST_LISTED:
        raise ProtocolError(
            f"{dataset.name}: listing every untouched item of {task.candidates.n_evaluated:,} users takes "
            f"{n_listed:,} candidates, more than {MOST_LISTED:,}; draw some with --negatives 100"
        )
    users, heldout = task.candidates.users, task.candidates.heldout
    # Who draws as many as anybody has, draws all of them, whatever the key.
    listed = draw_candidates(
        dataset.interactions.to_csr(np.bool_), users, heldout, task.column_keys, max(longest, 1), "all"
    )
    return replace(task, candidates=listed)


def _split(dataset: Dataset, rule: SplitRule, protocol_seed: int) -> Split:
    if rule.share is None:
        return leave_last_out(dataset, protocol_seed)
    return split_at_time(dataset, protocol_seed, rule.share)


def _refuse_other_split(dataset: Dataset, rule: SplitRule) -> None:
    """Refuse to split in another way what brings a split of its own."""
    if rule.share is not None:
        raise ProtocolError(
            f"{dataset.name} brings a split of its own, and its times tell no more than the order of each user's "
            f"interactions, so --split {rule} cannot be had of it; give the interactions with their real times as a "
            "file, or leave out --split"
        )


def _split_and_drawn(
    dataset: Dataset, purpose: Purpose, rule: SplitRule, protocol_seed: int, n_negatives: int, short_users: ShortUsers
) -> Task:
    split = _split(dataset, rule, protocol_seed)
    candidates = draw_candidates(
        dataset.interactions.to_csr(np.bool_),
        split.users,
        split.items,
        derive(root_key(protocol_seed, f"candidates of the {purpose} task"), id_keys(dataset.user_ids)[split.users]),
        n_negatives,
        short_users,
    )
    return _task(dataset, split, candidates, purpose, protocol_seed, split_part=rule.part)


def _task(
    dataset: Dataset, split: Split, candidates: Candidates, purpose: Purpose, protocol_seed: int, *, split_part: str
) -> Task:
    column_root = root_key(protocol_seed, f"column order of the {purpose} task")
    return Task(
        train=split.train,
        candidates=candidates,
        later=split.later,
        column_keys=derive(column_root, id_keys(dataset.user_ids)[candidates.users]),
        purpose=purpose,
        dataset=dataset.name,
        parts={
            "purpose": purpose,
            "dataset": dataset.digest,
            "protocol_seed": str(protocol_seed),
            "split": split_part,
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
    return Split(
        train=interactions.where(kept),
        users=lists.heldout_users,
        items=lists.heldout_items,
        tied=np.zeros(heldout.size, dtype=np.bool_),
        n_short_users=0,
        later=interactions.where(np.zeros(len(interactions), dtype=np.bool_)),
    )


def _imported_candidates(lists: ImportedLists, *, listed: bool) -> Candidates:
    """Return foreign lists as they are (which of them are rivals, `Candidates` knows), or none for a full ranking."""
    negatives = np.sort(lists.negatives, axis=1) if listed else lists.negatives[:, :0]
    return Candidates(lists.heldout_users, lists.heldout_items, negatives)


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
        **split.facts,
        "notes": list(dataset.notes),
    }

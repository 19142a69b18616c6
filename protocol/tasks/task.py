"""A task: a dataset's split and candidates under one digest. Results are compared only if they have the same digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from protocol.errors import ProtocolError
from protocol.keyed import Keys, derive, id_keys, root_key
from protocol.tasks.candidates import Candidates, ShortUsers, draw_candidates
from protocol.tasks.facts import facts_of
from protocol.tasks.imported import facts_of_lists, imported_candidates, imported_split, refuse_other_split
from protocol.tasks.random_split import leave_random_out
from protocol.tasks.split import Split, leave_last_out
from protocol.tasks.split_rule import IMPORTED, LAST, SplitRule, parse_rule
from protocol.tasks.time_split import split_at_time
from protocol.types import Interactions, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from protocol.data.dataset import Dataset

Purpose: TypeAlias = Literal["test", "validation"]

DEFAULT_NEGATIVES = 100

_LATER = "later_"
"""Begins the names of the arrays of the later interactions."""


@dataclass(frozen=True, eq=False)
class Task:
    """The training interactions and candidates on which recommenders are measured.

    Parameters
    ----------
    train
        The only data that a recommender sees before it scores.
    candidates
        The evaluated users, their held-out items and negatives.
    later
        What evaluated users did from the cut of a time split on, beside their held-out interaction, in the index spaces
        of ``train``. It is neither trained on nor ranked. Empty for the other splits.
    column_keys
        uint64, ``(n_eval,)``: the key of the order in which each user's candidates are shown to the recommender.
    purpose
        ``"test"``, or ``"validation"`` for the task on which everything is selected.
    parts
        The parts that the digest covers, by name: tasks are equal if all parts are.
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
        """Whether no negatives are drawn, so that every untouched item is a rival (P25)."""
        return bool(self.candidates.negatives.shape[1] == 0)

    @property
    def n_untouched(self) -> npt.NDArray[np.int64]:
        """The number of items that each evaluated user never touched; int64, ``(n_eval,)``."""
        users = self.candidates.users
        n_others = sum(np.diff(interactions.offsets)[users] for interactions in (self.train, self.later))
        return np.asarray(self.train.n_items - 1 - n_others)

    @property
    def n_rivals(self) -> npt.NDArray[np.int64]:
        """The number of rivals of each held-out item; int64, ``(n_eval,)``."""
        if self.is_full_ranking:
            return self.n_untouched
        return np.asarray(np.count_nonzero(self.candidates.is_rival, axis=1))

    @property
    def evaluation_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All arrays but the training interactions, by name: what a recommender may not see before it is fitted."""
        candidates = self.candidates
        return {
            "users": candidates.users,
            "heldout": candidates.heldout,
            "negatives": candidates.negatives,
            "column_keys": self.column_keys,
            **{f"{_LATER}{name}": array for name, array in self.later.arrays.items()},
        }

    @property
    def about(self) -> dict[str, Any]:
        """What the task is, in JSON's types."""
        return {"purpose": self.purpose, "dataset": self.dataset, "parts": self.parts, "facts": self.facts}

    @classmethod
    def of_arrays(
        cls, train: Interactions, evaluation: Mapping[str, npt.NDArray[Any]], about: Mapping[str, Any]
    ) -> Task:
        """Return the task of some training interactions, `evaluation_arrays` and `about`."""
        candidates = Candidates(*(evaluation[name] for name in ("users", "heldout", "negatives")))
        later = {name.removeprefix(_LATER): array for name, array in evaluation.items() if name.startswith(_LATER)}
        said = {name: about[name] for name in ("purpose", "dataset", "parts", "facts")}
        return cls(train, candidates, Interactions.of_arrays(later, train.sizes), evaluation["column_keys"], **said)


def build_task(
    dataset: Dataset,
    *,
    protocol_seed: int = 0,
    n_negatives: int = DEFAULT_NEGATIVES,
    short_users: ShortUsers = "error",
    split: str = LAST,
) -> Task:
    """Return the test task of a dataset, which is scored once: split the dataset and draw candidates.

    If the dataset comes with a split and lists, these are used unchanged.

    Parameters
    ----------
    n_negatives
        The number drawn for each user; with 0 the held-out items are ranked only against every untouched item.
    short_users
        See `draw_candidates`.
    split
        See `protocol.tasks.split_rule.parse_rule`.

    Raises
    ------
    ProtocolError
        If no user can be evaluated, users have too few untouched items (see `draw_candidates`), or the split is unknown
        or impossible for the dataset.
    """
    rule = parse_rule(split)
    if dataset.imported is not None:
        refuse_other_split(dataset, rule)
        imported = imported_split(dataset, dataset.imported)
        candidates = imported_candidates(dataset.imported, listed=n_negatives > 0)
        if n_negatives > 0:
            imported = replace(imported, facts=facts_of_lists(dataset.imported, imported.train))
        return _task(dataset, imported, candidates, "test", protocol_seed, split_part=IMPORTED)
    return _split_and_drawn(dataset, "test", rule, protocol_seed, n_negatives, short_users)


def build_validation_task(
    dataset: Dataset,
    *,
    protocol_seed: int = 0,
    n_negatives: int = DEFAULT_NEGATIVES,
    short_users: ShortUsers = "error",
    split: str = LAST,
) -> Task:
    """Return the validation task, on which everything is selected: the protocol applied to the test task's train.

    It is built only from the training interactions, in index spaces of its own. A test item without training
    interactions does not exist in it, and any other test item is an item like all others. So it cannot know the test
    items.

    Raises
    ------
    ProtocolError
        As `build_task`.
    """
    rule = parse_rule(split)
    if dataset.imported is not None:
        refuse_other_split(dataset, rule)
        train = imported_split(dataset, dataset.imported).train
    else:
        train = _split(dataset, rule, protocol_seed).train
    restricted = dataset.restricted_to(train)
    try:
        return _split_and_drawn(restricted, "validation", rule, protocol_seed, n_negatives, short_users)
    except ProtocolError as error:
        raise ProtocolError(f"the validation task, made of the training interactions: {error}") from error


def _split(dataset: Dataset, rule: SplitRule, protocol_seed: int) -> Split:
    if rule.seed is not None:
        return leave_random_out(dataset, protocol_seed, rule.seed)
    if rule.share is not None:
        return split_at_time(dataset, protocol_seed, rule.share, rule.target)
    return leave_last_out(dataset, protocol_seed)


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
        train=split.train.named(dataset.user_ids, dataset.item_ids),
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
        facts=facts_of(dataset, split, candidates),
    )

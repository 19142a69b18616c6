"""What a record says of its task: the parts that make it, and counts of its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from protocol.tasks.split_rule import TIME

Count = Annotated[int, Meta(ge=0)]

_OF_TIME_SPLITS = ("cut_time", "n_unused", "n_silent_users", "n_new_users", "n_new_items")


class Parts(Struct, frozen=True):
    """What makes a task: two tasks are the same where all their parts are (P18)."""

    purpose: str
    dataset: str
    protocol_seed: str
    split: str
    candidates: str


class Facts(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Counts of a task's data.

    Parameters
    ----------
    n_negatives
        Candidates of each user beside the held-out item; 0 where the whole catalogue is ranked.
    cut_time
        In the unit of the data's timestamps. It, and the four counts after it, belong to splits at a point in time.
    notes
        What was done to the data: filters, options.
    """

    n_users: Count
    n_items: Count
    n_interactions: Count
    n_duplicates: Count
    n_train: Count
    n_evaluated: Count
    n_negatives: Count
    n_tied_users: Count
    n_short_users: Count
    n_dropped_users: Count
    n_cold_heldout: Count
    cut_time: int | None = None
    n_unused: Count | None = None
    n_silent_users: Count | None = None
    n_new_users: Count | None = None
    n_new_items: Count | None = None
    notes: Sequence[str]


class RecordedTask(Struct, frozen=True):
    """A task, without its interactions and candidates.

    Parameters
    ----------
    digest
        SHA-256, in hexadecimal, over the parts.
    purpose
        ``"test"`` or ``"validation"``.
    dataset
        Its name.
    """

    digest: str
    purpose: str
    parts: Parts
    dataset: str
    facts: Facts

    def __post_init__(self) -> None:
        """Refuse a split at a point in time without the counts that it has."""
        missing = [name for name in _OF_TIME_SPLITS if getattr(self.facts, name) is None]
        if missing and self.parts.split.startswith(f"{TIME}:"):
            raise ValueError(f"a split at a point in time has facts.{missing[0]}, and it is missing")

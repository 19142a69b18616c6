"""The task of a record: the parts that identify it, and counts of its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from protocol.data.reading import Reading
from protocol.tasks.split_rule import TIME

Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Parts(Struct, frozen=True):
    """The parts that identify a task: two tasks are the same if all their parts are (P18)."""

    purpose: str
    dataset: str
    protocol_seed: str
    split: str
    candidates: str


class TimeFacts(Struct, frozen=True):
    """The further facts of a split at a point in time (P26).

    Parameters
    ----------
    cut_time
        In the unit of the data's timestamps.
    n_unused
        Interactions from the cut on that are neither trained on nor held out.
    n_silent_users, n_new_users, n_new_items
        Users without interactions from the cut on, users without any before it, and items without any before it.
    """

    cut_time: Whole
    n_unused: Count
    n_silent_users: Count
    n_new_users: Count
    n_new_items: Count


class Facts(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Counts of a task's data.

    Parameters
    ----------
    n_negatives
        Candidates of each user beside the held-out item; 0 where the whole catalogue is ranked.
    n_lists_with_heldout, n_lists_with_repeats, n_lists_with_trained
        Given lists (P11) that hold the held-out item itself, an item twice, and an item that their user trained on;
        None without such lists, and where it was not recorded.
    cut_time, n_unused, n_silent_users, n_new_users, n_new_items
        See `TimeFacts`; None for other splits.
    notes
        What was done to the data: filters, options.
    reading
        How the file or frame was read; None for a fixed layout, and in records of earlier versions.
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
    n_lists_with_heldout: Count | None = None
    n_lists_with_repeats: Count | None = None
    n_lists_with_trained: Count | None = None
    cut_time: Whole | None = None
    n_unused: Count | None = None
    n_silent_users: Count | None = None
    n_new_users: Count | None = None
    n_new_items: Count | None = None
    notes: Sequence[str]
    reading: Reading | None = None

    def of_time_split(self) -> TimeFacts:
        """Return the facts that a split at a point in time adds.

        Raises
        ------
        ValueError
            Naming one that is missing.
        """
        found = {name: getattr(self, name) for name in TimeFacts.__struct_fields__}
        missing = [name for name, value in found.items() if value is None]
        if missing:
            raise ValueError(f"a split at a point in time has facts.{missing[0]}, and it is missing")
        return TimeFacts(**found)


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
        if self.parts.split.startswith(f"{TIME}:"):
            self.facts.of_time_split()

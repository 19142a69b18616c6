"""How far a record could be verified: a kind, its sign, and the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Kind:
    """A kind of standing.

    Parameters
    ----------
    words
        What it is called.
    sign
        One letter that marks figures.
    meaning
        What it claims, in a sentence.
    """

    words: str
    sign: str
    meaning: str


FAULTY = Kind(
    "not verified",
    "✗",
    "A check failed: the record was changed or damaged, or contradicts itself or its data. It counts in no table, rank "
    "or chart.",
)
OPEN = Kind(
    "not checked",
    "?",
    "Nothing contradicts the record, but it could not be held against its data.",
)
MOVED = Kind(
    "other ranks",
    "≠",
    "Checked; and fitted anew when these pages were made, which gave other ranks.",
)
CHECKED = Kind(
    "checked",
    "✓",
    "Files, seal and key are as they were written; split and candidates were made again from the data, and the ranks "
    "are possible on them. This does not prove that the recommender gave these ranks.",
)
AGAIN = Kind("made again here", "↻", "Checked; and fitted anew when these pages were made, which gave the same ranks.")

KINDS = (FAULTY, OPEN, MOVED, CHECKED, AGAIN)
"""From the one that claims least to the one that claims most."""


@dataclass(frozen=True)
class Standing:
    """How far a record could be verified.

    Parameters
    ----------
    reasons
        In sentences without a full stop: why no more is claimed.
    """

    kind: Kind
    reasons: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the record counts in tables, ranks and charts."""
        return self.kind is not FAULTY


def weakest(standings: Iterable[Standing]) -> Kind:
    """Return the kind that holds for all of some standings, at least one."""
    return min((each.kind for each in standings), key=KINDS.index)

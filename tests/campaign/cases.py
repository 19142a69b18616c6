"""What a campaign is made of: kinds of fault, the cases of a kind, and how one of them fails."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class CampaignError(Exception):
    """Recbench did what it must not do."""


@dataclass(frozen=True)
class Case:
    """One fault, drawn by seed, kind and number, so that it can be repeated.

    Parameters
    ----------
    seed, kind, number
        What it is drawn by.
    folder
        Where all that it writes lies.
    prepared
        What `Kind.prepare` returned.
    """

    seed: int
    kind: str
    number: int
    folder: Path
    prepared: Any = None

    def draw(self) -> random.Random:
        """Return the generator of this case, from its beginning."""
        return random.Random(f"{self.seed}/{self.kind}/{self.number}")

    @property
    def repeat(self) -> str:
        """The command that repeats it."""
        return f"make campaign ARGS='--seed {self.seed} --kind {self.kind} --number {self.number}'"


@dataclass(frozen=True)
class Kind:
    """A kind of fault: a new one is an entry of a table `KINDS`.

    Parameters
    ----------
    name
        What ``--kind`` calls it.
    count
        The number of cases of the long campaign.
    expected
        What has to be true after each, for the reader of the page.
    run
        Runs a case and returns in a few words what recbench did; raises `CampaignError` if that is wrong.
    prepare
        Makes once, in an empty folder, what all cases need: records, a reference.
    batch
        How many cases one process runs, one after the other: those that start no process and cannot hurt each other.
    """

    name: str
    count: int
    expected: str
    run: Callable[[Case], str]
    prepare: Callable[[Path], Any] | None = None
    batch: int = 1


def require(condition: object, words: str) -> None:
    """Raise `CampaignError` unless a condition holds."""
    if not condition:
        raise CampaignError(words)

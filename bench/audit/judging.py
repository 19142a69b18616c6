"""Put the problems that a check found into one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.findings import Judgement

MOST_NAMED = 5
"""The number of problems that a message names."""


def judged(problems: Iterable[str], otherwise: str) -> Judgement:
    """Return a failure with its problems, the first few by name; nothing wrong is ok."""
    found = list(problems)
    return ("fail", named(found)) if found else ("ok", otherwise)


def named(problems: Sequence[str]) -> str:
    """Return the first few problems in one line, and how many more there are."""
    more = f"; and {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
    return "; ".join(problems[:MOST_NAMED]) + more


class Ledger:
    """Keeps which record each problem is about, beside the few that the message of a check names.

    Attributes
    ----------
    against
        By the folder of a record, its problems.
    """

    def __init__(self) -> None:
        self.against: dict[str, list[str]] = {}

    @property
    def n_problems(self) -> int:
        """The number of problems of all records."""
        return sum(map(len, self.against.values()))

    def kept(self, record: str, problems: Iterable[str]) -> Iterator[str]:
        """Keep the problems of a record, and yield them."""
        for problem in problems:
            self.against.setdefault(record, []).append(problem)
            yield problem

    def named(self, record: str, problems: Iterable[str]) -> Iterator[str]:
        """Keep the problems of a record, and yield each with its name before it."""
        return (f"{record}: {problem}" for problem in self.kept(record, problems))

"""What came of fitting a record anew: whether the ranks are equal, and how far off the figures are if not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.analysis.views import user_values, views_of
from bench.audit.consistency import same_ranks
from bench.names import CUTOFF, value_name
from bench.writing.text import accuracy_text, count_text, difference_text
from protocol.evaluation.metrics import default_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.findings import Judgement
    from bench.records.record import Record
    from protocol.evaluation.ranking import Ranks


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A record, and what fitting anew gave.

    Parameters
    ----------
    record
        The stored one; it did not fail.
    now
        What fitting anew gave, which may be a failure.
    changes
        What is different here, and may change ranks: code, versions, instructions of the processor, device, files.
    """

    record: Record
    now: Record
    changes: tuple[str, ...]

    @property
    def title(self) -> str:
        """The row and, where it changes the outcome, the training seed."""
        return self.record.title

    @cached_property
    def is_equal(self) -> bool:
        """Whether all ranks are equal, against the candidates and in the full ranking."""
        pairs = ((self.record.ranks, self.now.ranks), (self.record.full_ranks, self.now.full_ranks))
        return not self.now.failed and all(_alike(one, other) for one, other in pairs)

    @property
    def n_users(self) -> int:
        """The number of evaluated users."""
        return 0 if self.record.ranks is None else self.record.ranks.n_better.size

    @property
    def n_moved(self) -> int:
        """The number of users with another rank now, in either ranking; all where fitting failed."""
        if self.now.failed:
            return self.n_users
        return int(np.count_nonzero(self._moved(self.record.ranks, self.now.ranks) | self._moved_in_full))

    @property
    def _moved_in_full(self) -> Any:
        return self._moved(self.record.full_ranks, self.now.full_ranks)

    def _moved(self, one: Ranks | None, other: Ranks | None) -> Any:
        """Return whose rank differs; bool, ``(n_users,)``: all where only one of the rankings is there."""
        if one is None or other is None:
            return np.full(self.n_users, (one is None) != (other is None))
        return (one.n_better != other.n_better) | (one.n_tied != other.n_tied)

    @cached_property
    def figures(self) -> Mapping[str, tuple[float, float | None]]:
        """By its name, each mean as it was stored, and as it is now; None where there is none now."""
        before, now = _means(self.record), {} if self.now.failed else _means(self.now)
        return {name: (value, now.get(name)) for name, value in before.items()}

    def judgement(self) -> Judgement:
        """Return ok where all ranks are equal, else how far off the figures are, and what is different here."""
        if self.is_equal:
            stored = ", ".join(f"{name} {accuracy_text(before)}" for name, (before, _) in self.figures.items())
            return "ok", f"the ranks of {count_text(self.n_users, 'user')} are equal; {stored}"
        return "fail", "; ".join((self._difference(), *self._because()))

    def _difference(self) -> str:
        if self.now.failure is not None:
            return f"it fails now: {self.now.failure.kind}: {self.now.failure.message}"
        moved = f"the ranks of {self.n_moved:,} of {count_text(self.n_users, 'user')} differ"
        return "; ".join((moved, *(_figure_text(name, *values) for name, values in self.figures.items())))

    def _because(self) -> Iterator[str]:
        if self.changes:
            yield f"different here: {', '.join(self.changes)}"
        elif not self.now.failed:
            yield (
                "code, versions, processor and device are as they were: the recommender does not give the same twice, "
                "or these ranks are not its own"
            )

    def values(self) -> dict[str, Any]:
        """Return what a row of a data frame has."""
        failure = self.now.failure
        return {
            "recommender": self.record.recommender.label,
            "seed": self.record.seed,
            "equal": self.is_equal,
            "users": self.n_users,
            "moved": self.n_moved,
            **{name: before for name, (before, _) in self.figures.items()},
            **{f"{name} now": now for name, (_, now) in self.figures.items()},
            "failure": None if failure is None else f"{failure.kind}: {failure.message}",
            "changes": "; ".join(self.changes),
        }


def _alike(one: Ranks | None, other: Ranks | None) -> bool:
    return one is other if one is None or other is None else same_ranks(one, other)


def _means(record: Record) -> dict[str, float]:
    """Return the means over users of the default metrics at `CUTOFF`, in each view that is a ranking of its own."""
    views = [view for view in views_of(record.task) if view != "expected"]
    found = {view: user_values([record], view, CUTOFF, default_metrics()) for view in views}
    return {
        value_name(view, metric, CUTOFF): float(values.mean())
        for view, of_view in found.items()
        for metric, values in of_view.items()
    }


def _figure_text(name: str, before: float, now: float | None) -> str:
    """Return ``NDCG@10 .3960, now .3962 (+.0002)``."""
    if now is None:
        return f"{name} {accuracy_text(before)}, now there is none"
    return f"{name} {accuracy_text(before)}, now {accuracy_text(now)} ({difference_text(now - before)})"

"""The few sentences that a terminal shows below a table: what came out, what to beware of, what the signs claim."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.names import VIEWS
from bench.tables.cautions import cautions, some
from bench.tables.missing import unranked
from bench.tables.subject import DIGEST_DIGITS, is_full_ranking, is_imported, is_random_split, is_split_at_time
from bench.writing.sheet import MARK, RESULT, Remark
from bench.writing.text import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.names import View


def remarks_of(summary: Summary, views: Sequence[View]) -> Iterator[Remark]:
    """Yield the sentences, the most important first; the last one names the task.

    Parameters
    ----------
    views
        Those that the table shows.
    """
    for text in _result(summary):
        yield Remark(RESULT, text)
    for text in cautions(summary):
        yield Remark("Warning", text, is_warning=True)
    for text in _dashes(summary, views):
        yield Remark(NOTHING, text, is_warning=True)
    for text in _signs(summary):
        yield Remark("Signs", text)
    for text in _limits(summary):
        yield Remark("Limits", text)
    if _lacks_selection(summary):
        yield Remark(NOTHING, "under select: no selection is recorded.")
    yield Remark("Task", summary.task.digest[:DIGEST_DIGITS])


def _result(summary: Summary) -> Iterable[str]:
    """Say which row is highest, which are not told apart from it, and which of these is the fastest."""
    tests = summary.significance
    if tests is None:
        yield from _untested(summary)
        return
    if tests.is_baseline:
        yield _beside_baseline(summary, tests)
        return
    beside = [row for row in summary.rows if summary.is_marked(row)]
    yield " ".join(
        (
            f"{_honest(summary)} {summary.primary}: {tests.reference}.",
            f"Not told apart from it ({MARK}): {some(row.label for row in beside)}."
            if beside
            else "The tests tell all others apart from it.",
            *(_fastest(summary, [_reference(summary, tests), *beside]) if beside else ()),
        )
    )


def _untested(summary: Summary) -> Iterator[str]:
    """Yield which row is highest, where no test says whether that may be chance."""
    known = [row for row in summary.rows if summary.primary in row.accuracy and not summary.is_suspicious(row)]
    if len(known) > 1:
        highest = max(known, key=lambda row: row.accuracy[summary.primary].mean)
        yield f"{_honest(summary)} {summary.primary}: {highest.label}, untested."


def _honest(summary: Summary) -> str:
    return "Highest of the rows that are not suspicious, by" if summary.suspicions else "Highest"


def _reference(summary: Summary, tests: Significance) -> Row:
    return next(row for row in summary.rows if row.label == tests.reference and not row.failed)


def _beside_baseline(summary: Summary, tests: Significance) -> str:
    """Return which rows are higher than the baseline, lower, and not told apart from it."""
    apart = [(pair.ours, pair.comparison.difference) for pair in tests.pairs if pair.distinguishable]
    beside = [pair.ours for pair in tests.pairs if not pair.distinguishable]
    found = {
        "higher": [label for label, difference in apart if difference > 0],
        "lower": [label for label, difference in apart if difference < 0],
        f"not told apart ({MARK})": beside,
    }
    parts = [f"{words}: {some(labels)}" for words, labels in found.items() if labels]
    return f"By {summary.primary}, beside the baseline {tests.reference}: {'; '.join(parts)}."


def _fastest(summary: Summary, rows: Sequence[Row]) -> Iterator[str]:
    """Yield which row is the fastest to fit, where the times can be compared."""
    timed = [(row.fit_seconds, row.label) for row in rows if row.fit_seconds is not None]
    if len(timed) == len(rows) and not summary.timing.are_several:
        yield f"Fastest of these: {min(timed)[1]}."


def _dashes(summary: Summary, views: Sequence[View]) -> Iterable[str]:
    """Say what a dash in the columns of the full ranking is."""
    if set(views) & set(VIEWS[1:]):
        for labels, reason in unranked(summary):
            yield f"{some(labels)} {reason}."


def _signs(summary: Summary) -> Iterable[str]:
    """Say what ± and the mark claim."""
    intervals = (row.accuracy.get(summary.primary) for row in summary.rows)
    has_interval = any(interval is not None and math.isfinite(interval.half_width) for interval in intervals)
    parts = ["±: half a 95 % interval over users"] * has_interval
    if any(map(summary.is_marked, summary.rows)):
        parts.append(f'{MARK}: not told apart, not "equal"')
    if parts:
        yield f"{'; '.join(parts)}."


def _limits(summary: Summary) -> Iterable[str]:
    """Say what the split and the candidates cannot show."""
    parts = []
    if is_random_split(summary.task):
        parts.append("a random split trains on what came later")
    elif not (is_split_at_time(summary.task) or is_imported(summary.task)):
        parts.append("leave-last-out leaks the future")
    if not is_full_ranking(summary.task):
        kind = "given" if is_imported(summary.task) else "drawn"
        parts.append(f"{kind} negatives may reorder rows")
    if parts:
        yield f"{'; '.join(parts)}."


def _lacks_selection(summary: Summary) -> bool:
    """Return whether the table has a column of selection in which a row has a dash."""
    unknown = [row for row in summary.rows if row.selection_seconds is None and not row.failed]
    return summary.has_selection_seconds and bool(unknown)

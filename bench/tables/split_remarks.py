"""The few sentences that a terminal shows below a table over repeated splits (P28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.cautions import some
from bench.tables.subject import is_synthetic
from bench.writing.sheet import MARK, RESULT, Remark
from bench.writing.text import count_text
from protocol.evaluation.over_splits import LEAST_SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.analysis.over_splits import SplitsSummary


def remarks_over_splits(summary: SplitsSummary) -> Iterator[Remark]:
    """Yield the sentences, the most important first; the last one counts the splits."""
    for text in _result(summary):
        yield Remark(RESULT, text)
    for text in _cautions(summary):
        yield Remark("Warning", text, is_warning=True)
    yield Remark("Signs", f'sd: between splits; {MARK}: not told apart, not "equal".')
    yield Remark("Splits", f"{len(summary.summaries)}, each a task")


def _result(summary: SplitsSummary) -> Iterable[str]:
    """Say which row is highest on average, in each split, and which are not told apart from it."""
    if not summary.complete:
        return
    tests, best = summary.significance, summary.complete[0].label
    parts = [f"Highest mean {summary.first.primary}: {best}."]
    if tests is not None:
        beside = [pair.ours for pair in tests.pairs if pair.theirs == tests.reference and not pair.distinguishable]
        parts.append(
            f"Not told apart from {tests.reference} ({MARK}): {some(beside)}."
            if beside
            else f"The tests tell all others apart from {tests.reference}."
        )
    if len(summary.leaders) > 1:
        parts.append(f"First in some split: {some(sorted(summary.leaders))}.")
    yield " ".join(parts)


def _cautions(summary: SplitsSummary) -> Iterator[str]:
    if is_synthetic(summary.first.task):
        yield "these are synthetic data; on real data the order may be another."
    lacking = [row.label for row in summary.rows if row not in summary.complete]
    if lacking:
        yield f"no mean, because a split is missing: {some(lacking)}."
    if summary.suspicious:
        yield f"{some(sorted(summary.suspicious))}: too good to be true; look for a leak of held-out items."
    if summary.moved:
        yield f"{count_text(len(summary.moved), 'row')} of {len(summary.complete)} change place between splits."
    if summary.significance is None and len(summary.complete) > 1:
        few = len(summary.summaries) < LEAST_SPLITS
        yield f"no tests: they need {LEAST_SPLITS} splits." if few else "no tests (see --notes)."
    if summary.timing.are_several:
        yield f"times with different letters cannot be compared: they are of {summary.timing.are_of}."

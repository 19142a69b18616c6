"""What came out, in sentences: the best row, those that cannot be told from it, the baseline, and the failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analysis.timing_groups import TimingGroups
from bench.charts.chart import listed, shown
from bench.writing.text import accuracy_text, amount_text, count_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary

_MOST_NAMED = 6
_MOST_FAILURES = 4


@dataclass(frozen=True)
class Sentence:
    """A sentence, its class in the style (``result``, ``warning`` or nothing), and the section that tells more."""

    text: str
    kind: str = ""
    place: str = ""


def verdict(summary: Summary) -> Iterator[Sentence]:
    """Yield what a reader wants to know first."""
    rows = [row for row in summary.rows if summary.primary in row.accuracy]
    honest = [row for row in rows if not summary.is_suspicious(row)]
    if honest:
        yield Sentence(" ".join(_best(summary, honest[0], rows)), "result")
    else:
        yield Sentence(f"No row has {summary.primary} that counts.", "result")
    yield Sentence(_baseline(summary, rows))
    if failures := [row for row in summary.rows if row.failed]:
        named = (f"{shown(row.label)} ({shown(row.failure or '')})" for row in failures)
        yield Sentence(f"Failed: {listed(named, _MOST_FAILURES)}.", "warning", "failures")
    else:
        yield Sentence("No row failed.")
    if summary.suspicions:
        names = listed(map(shown, summary.suspicions), _MOST_NAMED)
        yield Sentence(f"Suspicious, and so not counted as the best: {names}.", "warning")
    swapped = {frozenset(pair) for agreement in summary.agreements for pair in agreement.swapped}
    if swapped:
        n_pairs = len(rows) * (len(rows) - 1) // 2
        yield Sentence(f"The views order {len(swapped)} of {count_text(n_pairs, 'pair')} differently.", place="views")


def _best(summary: Summary, best: Row, rows: Sequence[Row]) -> Iterator[str]:
    interval, found = best.accuracy[summary.primary], summary.significance
    figure = f"{accuracy_text(interval.mean)} {spread_text(interval.half_width)}".strip()
    yield f"{shown(best.label)} has the highest {summary.primary}, {figure}."
    if found is None or found.is_baseline:
        return
    on_par = [row for row in rows if summary.is_marked(row)]
    if not on_par:
        yield "Every other row is distinguishable from it."
        return
    names = listed((shown(row.label) for row in on_par), _MOST_NAMED)
    yield f"Not distinguishable from it: {names}."
    yield from _fastest([best, *on_par])


def _fastest(rows: Sequence[Row]) -> Iterator[str]:
    """Say which of some rows was fitted fastest, if their times can be compared."""
    timed = [row for row in rows if row.fit_seconds is not None]
    timing = TimingGroups.of(record for row in timed for record in row.records)
    if timed and not timing.are_several:
        fastest = min(timed, key=lambda row: row.fit_seconds or 0.0)
        shared = ", on a shared machine" if timing.is_shared else ""
        yield f"Fastest fit among these: {shown(fastest.label)}, {amount_text(fastest.fit_seconds)} s{shared}."


def _baseline(summary: Summary, rows: Sequence[Row]) -> str:
    found = summary.significance
    if summary.failed_baseline is not None:
        return f"The baseline, {shown(summary.failed_baseline)}, has no {summary.primary}, so nothing is tested."
    if found is None:
        return "No baseline was named, and nothing is tested: a test needs two rows and enough users."
    if not found.is_baseline:
        reference = f"{summary.reference_role}, {shown(found.reference)}"
        pairs = count_text(len(found.pairs), "pair")
        return f"No baseline was named: rows are marked against {reference}, and all {pairs} are tested."
    return _against(found, rows, summary)


def _against(found: Significance, rows: Sequence[Row], summary: Summary) -> str:
    """Say how many rows are above and below the baseline, and which are not distinguishable from it."""
    distinct = [pair.comparison.difference for pair in found.pairs if pair.distinguishable]
    n_above = sum(difference > 0 for difference in distinct)
    figure = next(row.accuracy[summary.primary].mean for row in rows if row.label == found.reference)
    text = (
        f"Baseline: {shown(found.reference)}, {accuracy_text(figure)}. Distinguishable from it: {n_above} higher, "
        f"{len(distinct) - n_above} lower."
    )
    on_par = [shown(row.label) for row in rows if summary.is_marked(row)]
    return f"{text} Not distinguishable: {listed(on_par, _MOST_NAMED)}." if on_par else text

"""The marks of the page's table by each mean: the reference, the rows not distinguishable from it, and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.significance import ALPHA
from bench.analysis.significance_by_mean import MOST_ROWS
from bench.charts.chart import shown
from bench.writing.sheet import MARK
from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary


def marks_of(summary: Summary, tests: Mapping[str, Significance | None], name: str) -> dict[str, Any]:
    """Return the marks by one mean, in JSON's types: ``reference`` and ``onPar``, places of rows, and ``text``.

    Parameters
    ----------
    tests
        By the names of means (see `bench.analysis.significance_by_mean`).
    """
    found = tests.get(name)
    if found is None:
        return {"reference": None, "onPar": [], "text": _why_none(name, is_tested=name in tests)}
    fitted = [(place, row.label) for place, row in enumerate(summary.rows) if not row.failed]
    marked = {pair.ours for pair in found.pairs if pair.theirs == found.reference and not pair.distinguishable}
    return {
        "reference": next((place for place, label in fitted if label == found.reference), None),
        "onPar": [place for place, label in fitted if label in marked],
        "text": _text(found, summary.role_in(found), name, has_marks=bool(marked)),
    }


def _text(found: Significance, role: str, name: str, *, has_marks: bool) -> str:
    reference = f"{role}, {shown(found.reference)}, by {name}"
    pairs = count_text(len(found.pairs), "pair")
    method = f"paired t-tests, Holm's correction over {pairs}, {100 * ALPHA:.0f} %"
    if not has_marks:
        return f"Every row is distinguishable from {reference} ({method})."
    return (
        f"{MARK} marks rows not distinguishable from {reference} ({method}). Not distinguishable does not mean equal."
    )


def _why_none(name: str, *, is_tested: bool) -> str:
    if is_tested:
        return f"By {name} nothing can be tested, so no row is marked."
    return (
        f"No row is marked by {name}: with more than {MOST_ROWS} rows, the page has the tests of its first figure only."
    )

"""The table as JSON: all values, unrounded, with title and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.analysis.significance import ALPHA
from bench.tables.columns import row_values
from bench.tables.comparison import comparison_values
from bench.tables.timing import timing_document
from bench.writing.text import finite

if TYPE_CHECKING:
    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.writing.sheet import Sheet


def table_document(sheet: Sheet, summary: Summary) -> dict[str, Any]:
    """Return all values of a table with title and notes, in JSON's types."""
    return {
        "schema": 1,
        "title": sheet.title,
        "task": to_builtins(summary.task),
        "k": list(summary.ks),
        "rows": [
            {
                **values,
                "seeds": list(row.seeds),
                "best_epochs": list(row.best_epochs),
                "parameters": row.recommender.parameters,
            }
            for values, row in zip(row_values(summary), summary.rows, strict=True)
        ],
        "tests": tests_document(summary.significance),
        "views": [
            {
                "views": list(agreement.views),
                "metric": summary.primary_label,
                "kendall_tau": finite(agreement.kendall_tau),
                "swapped": [list(pair) for pair in agreement.swapped],
            }
            for agreement in summary.agreements
        ],
        "environments": [dict(environment) for environment in summary.environments],
        **timing_document(summary.timing),
        "notes": sheet.notes_document,
    }


def tests_document(found: Significance | None) -> dict[str, Any] | None:
    """Return the tests of all pairs of rows, in JSON's types."""
    if found is None:
        return None
    return {
        "metric": found.metric,
        "reference": found.reference,
        "baseline": found.is_baseline,
        "alpha": ALPHA,
        "pairs": [
            {
                "recommender": pair.ours,
                "compared_with": pair.theirs,
                "distinguishable": pair.distinguishable,
                "p_holm": finite(pair.p_holm),
                "p": finite(pair.comparison.p_value),
                **comparison_values(pair.comparison),
            }
            for pair in found.pairs
        ],
    }

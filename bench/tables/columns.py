"""Every figure of a table, unrounded, under the names that CSV, JSON and data frames share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.analysis.beyond_accuracy import LIST_FIGURES
from bench.analysis.significance import ALPHA
from bench.names import METRICS, VIEWS, figure_name
from bench.writing.text import finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.significance import PairTest
    from bench.analysis.summary import Row, Summary
    from bench.names import View
    from bench.writing.sheet import Sheet
    from protocol.evaluation.statistics import Comparison


def figures(summary: Summary) -> list[dict[str, Any]]:
    """Return every figure of each row; None where there is none."""
    return [_row_figures(row, summary) for row in summary.rows]


def accuracy_columns(views: Sequence[View], ks: Sequence[int]) -> list[str]:
    """Return the columns that the printed table has: the first view's figures, and NDCG in the others."""
    first, *others = views
    names = [figure_name(first, metric, k) for k in ks for metric in METRICS]
    names += [figure_name(view, "NDCG", k) for view in others for k in ks]
    return [column_of(name) for name in names]


def list_columns(ks: Sequence[int]) -> list[str]:
    """Return the columns of what lists are like, each cut-off's together."""
    return [f"{name}@{k}" for k in ks for name in LIST_FIGURES]


def column_of(name: str) -> str:
    """Return a figure's name without blanks: ``full_NDCG@10``."""
    return name.replace(" ", "_")


def _row_figures(row: Row, summary: Summary) -> dict[str, Any]:
    names = [figure_name(view, metric, k) for view in VIEWS for k in summary.ks for metric in METRICS]
    means: dict[str, float | None] = {}
    bounds: dict[str, float | None] = {}
    for name in names:
        interval, column = row.accuracy.get(name), column_of(name)
        means[column] = interval.mean if interval else None
        bounds[f"{column}_low"] = finite(interval.low) if interval else None
        bounds[f"{column}_high"] = finite(interval.high) if interval else None
    return {
        "recommender": row.label,
        **means,
        "fit_s": row.fit_seconds,
        "us_per_user": row.score_us_per_user,
        "peak_mib": row.peak_mib,
        "seeds": " ".join(map(str, row.seeds)),
        **_test_figures(summary.test_of(row)),
        **{name: row.lists.get(name) for name in list_columns(summary.ks)},
        **bounds,
        "selection_s": row.selection_seconds,
        "origin": row.recommender.origin,
        "best_epochs": " ".join(map(str, row.best_epochs)) or None,
        "failure": f"{row.failure_kind}: {row.failure}" if row.failed else None,
        "dataset": summary.task.dataset,
        "task": summary.task.digest,
    }


def _test_figures(test: PairTest | None) -> dict[str, Any]:
    """Return a row's test against the reference: the row minus the reference."""
    names = ("compared_with", "distinguishable", "p_holm")
    values = (test.theirs, test.distinguishable, finite(test.p_holm)) if test else (None, None, None)
    return {
        **dict(zip(names, values, strict=True)),
        **comparison_figures(test.comparison if test else None),
    }


def comparison_figures(comparison: Comparison | None) -> dict[str, Any]:
    """Return the figures of a comparison; None where there is none."""
    names = ("difference", "difference_low", "difference_high", "effect_size", "claim")
    if comparison is None:
        return dict.fromkeys(names)
    numbers = (comparison.difference, comparison.low, comparison.high, comparison.effect_size)
    claim = "algorithms" if comparison.about_algorithms else "trained models"
    return dict(zip(names, (*map(finite, numbers), claim), strict=True))


def table_document(sheet: Sheet, summary: Summary) -> dict[str, Any]:
    """Return every figure, with all that stands above and below the table, in JSON's types."""
    return {
        "schema": 1,
        "title": sheet.title,
        "task": to_builtins(summary.task),
        "k": list(summary.ks),
        "rows": [
            {
                **figure,
                "seeds": list(row.seeds),
                "best_epochs": list(row.best_epochs),
                "parameters": row.recommender.parameters,
            }
            for figure, row in zip(figures(summary), summary.rows, strict=True)
        ],
        "tests": _tests_document(summary),
        "views": [
            {
                "views": list(agreement.views),
                "metric": f"NDCG@{summary.ks[0]}",
                "kendall_tau": finite(agreement.kendall_tau),
                "swapped": [list(pair) for pair in agreement.swapped],
            }
            for agreement in summary.agreements
        ],
        "environments": [dict(environment) for environment in summary.environments],
        "notes": [{"about": keyword, "text": text} for keyword, text in sheet.notes],
    }


def _tests_document(summary: Summary) -> dict[str, Any] | None:
    found = summary.significance
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
                **comparison_figures(pair.comparison),
            }
            for pair in found.pairs
        ],
    }

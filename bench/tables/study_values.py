"""The values of the table over datasets, unrounded: for CSV, JSON and data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.analysis.significance import ALPHA
from bench.tables.comparison import comparison_values
from bench.tables.timing import timing_document, timing_values
from bench.writing.text import finite

if TYPE_CHECKING:
    from bench.studies.columns import Column
    from bench.studies.comparison import StudyComparison, StudyRow
    from bench.studies.over_datasets import OverDatasets
    from bench.studies.resampling import Span
    from bench.writing.sheet import Sheet


def wide_values(found: StudyComparison) -> list[dict[str, Any]]:
    """Return a dictionary for each recommender: its figure on each dataset, and what is aggregated over them."""
    rows, settings = {row.label: row for row in found.rows}, _settings(found)
    names = [*(column.name for column in found.columns), *found.lost]
    return [
        {
            "recommender": label,
            "setting": settings[label],
            **{f"{found.figure.name} {name}": _mean(rows.get(label), name) for name in names},
            **_over_datasets(found, rows.get(label)),
        }
        for label in found.labels
    ]


def _settings(found: StudyComparison) -> dict[str, str | None]:
    """Return by row the parameters in which it differs from others of its recommender."""
    return {label: each.text_of(label) or None for each in found.settings for label in each.labels}


def _mean(row: StudyRow | None, dataset: str) -> float | None:
    return row.scores[dataset].mean if row and dataset in row.scores else None


def _over_datasets(found: StudyComparison, row: StudyRow | None) -> dict[str, Any]:
    tests = found.tests
    is_tested = row is not None and tests is not None and row.label in tests.labels[1:]
    return {
        "datasets": len(row.scores) if row else 0,
        "mean_rank": row.mean_rank if row else None,
        **_ends("mean_rank_over_users", row.over_users if row else None),
        **_ends("mean_rank_over_datasets", row.over_datasets if row else None),
        "win_rate": row.win_rate if row else None,
        "relative_score": row.relative if row else None,
        "distinguishable_from_best_rank": not tests.is_marked(row.label) if is_tested and tests and row else None,
    }


def _ends(name: str, span: Span | None) -> dict[str, float | None]:
    return {f"{name}_low": span.low if span else None, f"{name}_high": span.high if span else None}


def long_values(found: StudyComparison) -> list[dict[str, Any]]:
    """Return a dictionary for each recommender and dataset, those without a figure included."""
    rows = {row.label: row for row in found.rows}
    of_columns = [
        _long_value(found, column, label, rows.get(label)) for label in found.labels for column in found.columns
    ]
    if not found.lost:
        return of_columns
    empty = dict.fromkeys(of_columns[0])
    return of_columns + [
        {**empty, "recommender": label, "dataset": name, "figure": found.figure.name, "missing": problem}
        for name, problem in found.lost.items()
        for label in found.labels
    ]


def _long_value(found: StudyComparison, column: Column, label: str, row: StudyRow | None) -> dict[str, Any]:
    score = row.scores.get(column.name) if row else None
    there = column.rows.get(label)
    interval = there.accuracy[found.figure.name] if there else None
    test = column.significance.against_reference(label) if column.significance else None
    missing = {name: why for one, name, why in found.gaps if one == label}
    return {
        "recommender": label,
        "dataset": column.name,
        "task": column.task.digest,
        "figure": found.figure.name,
        "value": score.mean if score else None,
        "low": finite(interval.low) if interval else None,
        "high": finite(interval.high) if interval else None,
        "rank": score.rank if score else None,
        "relative_score": score.relative if score else None,
        "distinguishable": test.distinguishable if test else None,
        "suspicious": score.is_suspicious if score else None,
        "row": there.label if there else None,
        "setting": next(each.text_of(label) for each in found.settings if label in each.labels) or None,
        "seeds": " ".join(map(str, there.seeds)) if there else None,
        "fit_seconds": there.fit_seconds if there else None,
        "score_us_per_user": there.score_us_per_user if there else None,
        **timing_values(found.timing, there.records if there else ()),
        "missing": missing.get(column.name),
    }


def study_document(found: StudyComparison, sheet: Sheet) -> dict[str, Any]:
    """Return all values with title and notes, in JSON's types."""
    return {
        "schema": 1,
        "title": sheet.title,
        "figure": {"name": found.figure.name, **_figure(found)},
        "baseline": found.baseline,
        "datasets": [
            {"name": column.name, "task": to_builtins(column.task), "tests": _tests_within(column)}
            for column in found.columns
        ],
        "lost": [{"name": name, "problem": problem} for name, problem in found.lost.items()],
        "rows": wide_values(found),
        "figures": long_values(found),
        "tests": None if found.tests is None else _tests_over(found.tests),
        **timing_document(found.timing),
        "notes": sheet.notes_document,
    }


def _figure(found: StudyComparison) -> dict[str, Any]:
    return {"metric": found.figure.metric, "k": found.figure.k, "view": found.figure.view}


def _tests_within(column: Column) -> dict[str, Any] | None:
    tests = column.significance
    if tests is None:
        return None
    against = [pair for pair in tests.pairs if pair.theirs == tests.reference]
    return {
        "reference": tests.reference,
        "baseline": tests.is_baseline,
        "alpha": ALPHA,
        "pairs": [
            {
                "recommender": pair.ours,
                "distinguishable": pair.distinguishable,
                "p_holm": finite(pair.p_holm),
                **comparison_values(pair.comparison),
            }
            for pair in against
        ],
    }


def _tests_over(tests: OverDatasets) -> dict[str, Any]:
    return {
        "alpha": ALPHA,
        "datasets": tests.n_datasets,
        "recommenders": list(tests.labels),
        "mean_ranks": list(tests.mean_ranks),
        "friedman": tests.statistic,
        "p": tests.p_value,
        "critical_difference": tests.critical_difference,
        "groups": [list(group) for group in tests.groups],
    }

"""The sortable table of the page: every figure as it is shown, and as a number to sort by.

Nothing is computed in the browser: it chooses among columns that are all here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.beyond_accuracy import LIST_FIGURES
from bench.analysis.pareto_front import drawable, front_of
from bench.charts.chart import parameters_text, rounded, shown
from bench.names import METRICS, VIEWS, figure_name
from bench.writing.text import NOTHING, accuracy_text, amount_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.summary import Row, Summary

_COSTS = (
    ("selection_seconds", "select", "s"),
    ("fit_seconds", "fit", "s"),
    ("score_us_per_user", "score", "µs/user"),
    ("peak_mib", "peak", "MiB"),
)
_FROM_0_TO_1 = ("coverage", "gini")


def table_data(summary: Summary) -> dict[str, Any]:
    """Return columns and rows in JSON's types.

    A column has ``id``, ``name`` and ``unit`` of its header, ``group`` (by which it is chosen), and, for accuracy,
    ``view``, ``k``, ``low`` and ``high`` (the ends of its bars), ``best`` (the text of the best figure) and ``front``
    (the places of the rows on the Pareto front against fit time). A row has ``label``, ``marks``, ``failure``,
    ``about`` (its parameters) and ``cells``: number, text, spread, and half width of the interval, or null.
    """
    columns = [*_accuracy_columns(summary), *_cost_columns(summary), *_list_columns(summary)]
    return {
        "columns": columns,
        "rows": [_row(summary, row, columns) for row in summary.rows],
        "view": summary.primary_view,
        "k": summary.ks[0],
        "ks": sorted(summary.ks),
    }


def _accuracy_columns(summary: Summary) -> list[dict[str, Any]]:
    names = [(view, k, metric) for view in VIEWS for k in summary.ks for metric in METRICS]
    found = []
    for view, k, metric in names:
        name = figure_name(view, metric, k)
        intervals = [row.accuracy[name] for row in summary.rows if name in row.accuracy]
        if not intervals:
            continue
        ends = [rounded(end) for interval in intervals for end in (interval.low, interval.mean, interval.high)]
        known = [end for end in ends if end is not None]
        found.append(
            {
                "id": name,
                "name": f"{metric}@{k}",
                "unit": "",
                "group": metric,
                "view": view,
                "k": k,
                "low": min(known),
                "high": max(known),
                "best": accuracy_text(max(interval.mean for interval in intervals)) if len(intervals) > 1 else None,
                "front": _front(summary, name),
            }
        )
    return found


def _front(summary: Summary, name: str) -> list[int]:
    """Return the places in the table of the rows on the Pareto front."""
    rows = drawable(summary, name)
    front = front_of([(row.fit_seconds or 0.0, row.accuracy[name].mean) for row in rows])
    labels = {rows[number].label for number in front}
    return [place for place, row in enumerate(summary.rows) if row.label in labels and not row.failed]


def _cost_columns(summary: Summary) -> list[dict[str, Any]]:
    return [
        {"id": name, "name": title, "unit": unit, "group": title}
        for name, title, unit in _COSTS
        if any(getattr(row, name) is not None for row in summary.rows)
    ]


def _list_columns(summary: Summary) -> list[dict[str, Any]]:
    return [
        {"id": f"{name}@{k}", "name": f"{name}@{k}", "unit": "", "group": name, "k": k}
        for k in summary.ks
        for name in LIST_FIGURES
        if any(f"{name}@{k}" in row.lists for row in summary.rows)
    ]


def _row(summary: Summary, row: Row, columns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "label": shown(row.label),
        "marks": ["on par"] * summary.is_marked(row) + ["external"] * row.external,
        "failure": shown(row.failure or "") if row.failed else None,
        "about": parameters_text(row.recommender.parameters),
        "reference": summary.significance is not None and row.label == summary.significance.reference,
        "fit": rounded(row.fit_seconds),
        "fitText": amount_text(row.fit_seconds),
        "seeds": ", ".join(map(str, row.seeds)),
        "cells": [_cell(row, column) for column in columns],
    }


def _cell(row: Row, column: dict[str, Any]) -> list[Any] | None:
    if row.failed:
        return None
    name = column["id"]
    if "view" in column:
        interval = row.accuracy.get(name)
        if interval is None:
            return None
        half = rounded(interval.half_width)
        spread = "" if half is None else spread_text(interval.half_width)
        return [rounded(interval.mean), accuracy_text(interval.mean), spread, half]
    value = row.lists.get(name) if "k" in column else getattr(row, name)
    if value is None:
        return None
    text = accuracy_text(value) if column["group"] in _FROM_0_TO_1 else amount_text(value)
    return [rounded(value), text or NOTHING]

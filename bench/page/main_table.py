"""The sortable table of the page: every value as it is shown, and as a number to sort by.

The browser computes nothing: it chooses among the columns given here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.pareto_front import drawable, front_places
from bench.charts.chart import rounded, shown, shown_parameters
from bench.tables.columns import best_text, columns_of
from bench.tables.settings import full_label
from bench.writing.text import amount_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.tables.column import Column


def table_data(summary: Summary) -> dict[str, Any]:
    """Return columns and rows in JSON's types.

    A column has ``id``, ``name`` and ``unit`` of its header, ``group`` (by which it is chosen), ``shown`` (whether it
    is there before anything is chosen), ``k`` where it is about a cut-off, and, for accuracy, ``view``, ``low`` and
    ``high`` (the ends of its bars), ``best`` (the text of the best mean) and ``front`` (the places of the rows on the
    Pareto front against fit time). A row has ``label``, ``marks``, ``failure``, ``about`` (its parameters) and
    ``cells``: number, text, and for accuracy spread and half width of the interval; or null. A row of a recommender
    with several settings has ``setting``: the ``head`` above them, and its ``label`` below that. Where
    some times cannot be compared, the letter of its conditions is in ``timing``, and behind the text of each time.
    """
    columns = columns_of(summary, "page")
    return {
        "columns": [_column(summary, column) for column in columns],
        "rows": [_row(summary, row, columns) | _setting(summary, row) for row in summary.rows],
        "metric": summary.primary_metric,
        "view": summary.primary_view,
        "k": summary.ks[0],
        "ks": sorted(summary.ks),
    }


def _column(summary: Summary, column: Column) -> dict[str, Any]:
    return {
        "id": column.mean or column.key,
        "name": column.label,
        "unit": column.unit,
        "group": "slices of users" if column.span else column.title,
        "shown": column.group != "beyond accuracy",
        **({} if column.k is None else {"k": column.k}),
        **(_accuracy(summary, column) if column.view else {}),
    }


def _accuracy(summary: Summary, column: Column) -> dict[str, Any]:
    """Return what the page needs beside the header to draw bars and the Pareto chart of a metric."""
    intervals = [interval for row in summary.rows if (interval := column.interval(row)) is not None]
    ends = [rounded(end) for interval in intervals for end in (interval.low, interval.mean, interval.high)]
    known = [end for end in ends if end is not None]
    return {
        "view": column.view,
        "low": min(known),
        "high": max(known),
        "best": best_text(summary, summary.rows, column),
        "front": _front(summary, column.mean),
    }


def _front(summary: Summary, name: str) -> list[int]:
    """Return the places in the table of the rows on the Pareto front."""
    rows = drawable(summary, name)
    front = front_places(summary, rows, name)
    labels = {rows[number].label for number in front}
    return [place for place, row in enumerate(summary.rows) if row.label in labels and not row.failed]


def _row(summary: Summary, row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "label": shown(row.label),
        "marks": [
            *["on par"] * summary.is_marked(row),
            *["external"] * row.external,
            *["suspicious"] * summary.is_suspicious(row),
            *([row.device.words] if row.device else []),
            *["beyond its threads"] * row.exceeds_threads,
            *[fault.mark for fault in row.faults],
        ],
        "failure": shown(row.failure or "") if row.failed else None,
        "about": shown_parameters(row.recommender.parameters),
        "reference": summary.significance is not None and row.label == summary.significance.reference,
        "fit": rounded(row.fit_seconds),
        "fitText": amount_text(row.fit_seconds),
        **({"timing": letter} if (letter := summary.timing.mark(row.records)) else {}),
        "seeds": ", ".join(map(str, row.seeds)),
        "cells": [_cell(summary, row, column) for column in columns],
    }


def _setting(summary: Summary, row: Row) -> dict[str, Any]:
    """Return the head above a row and its label there; nothing for a row that is not one of several settings."""
    found = next(each for each in summary.settings if row.label in each.labels)
    if not found.varied:
        return {}
    return {"setting": {"head": shown(found.title), "label": shown(full_label(row.label, found))}}


def _cell(summary: Summary, row: Row, column: Column) -> list[Any] | None:
    value = column.value(summary, row)
    if row.failed or value is None:
        return None
    interval = column.interval(row)
    if interval is None:
        return [rounded(value), column.text(value), *filter(None, [column.mark(summary, row)])]
    return [rounded(value), column.text(value), spread_text(interval.half_width), rounded(interval.half_width)]

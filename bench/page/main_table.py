"""The table of the page: every figure as text in the HTML, and as a number for the script that sorts and chooses.

The browser computes nothing: it chooses among the columns, tests and sentences given here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analysis.pareto_front import drawable, front_places
from bench.charts.chart import rounded, shown, shown_parameters
from bench.page.marks import marks_of
from bench.tables.columns import best_text, columns_of
from bench.tables.row_texts import cell_of, tags_of
from bench.tables.settings import full_label
from bench.writing.text import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.tables.column import Column
    from bench.writing.sheet import Cell


@dataclass(frozen=True)
class Head:
    """The head of a column.

    Parameters
    ----------
    is_shown
        Whether the column is there before anything is chosen.
    sorts
        Whether the rows are sorted by it then.
    """

    name: str
    unit: str
    is_shown: bool
    sorts: bool


@dataclass(frozen=True)
class Line:
    """A row.

    Parameters
    ----------
    head
        What is above it where it is the first of several settings of a recommender; else nothing.
    kind
        Its class in the style: ``best`` for the reference of the tests, ``setting`` below a head.
    tags
        Words behind the label.
    failure
        Why there are no figures; None where there are.
    cells
        One for each column; none for a failure.
    """

    label: str
    head: str
    kind: str
    is_on_par: bool
    tags: tuple[str, ...]
    failure: str | None
    cells: tuple[Cell, ...]
    seeds: str
    parameters: str


@dataclass(frozen=True)
class MainTable:
    """The table for the template, and what the script reads beside it.

    ``data``, in JSON's types, has ``columns``, ``rows``, ``tests``, and ``view``, ``metric`` and ``k`` of the start.
    A column has ``id``, ``key`` (in CSV), ``group`` (by which it is chosen), ``shown``, ``k`` where it is about a
    cut-off, and, for accuracy, ``view``, ``metric``, ``low`` and ``high`` (the ends of its bars) and ``front`` (the
    places of the rows on the Pareto front against fit time). A row has ``label`` and ``cells``: a number, for accuracy
    with half of its interval, or null. A row of a recommender with several settings has ``setting``: the ``head`` above
    them, and its ``label`` below that. Where some times cannot be compared, ``timing`` is the letter of a row's
    conditions. ``tests`` are those by each mean (see `bench.page.marks`).
    """

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    data: dict[str, Any]

    @property
    def n_shown(self) -> int:
        """The number of columns of figures before anything is chosen, and 1 where there are none: of the failures."""
        return sum(head.is_shown for head in self.heads) or 1


def main_table(summary: Summary, tests: Mapping[str, Significance | None]) -> MainTable:
    """Return the table.

    Parameters
    ----------
    tests
        By the names of means (see `bench.analysis.significance_by_mean`).
    """
    columns = columns_of(summary, "page")
    best = [best_text(summary, summary.rows, column) if column.view else None for column in columns]
    return MainTable(
        heads=tuple(_head(summary, column) for column in columns),
        lines=tuple(_lines(summary, columns, best)),
        data={
            "columns": [_column(summary, column) for column in columns],
            "rows": [_row(summary, row, columns) for row in summary.rows],
            "tests": {column.mean: marks_of(summary, tests, column.mean) for column in columns if _is_mean(column)},
            "view": summary.primary_view,
            "metric": summary.primary_metric,
            "k": summary.ks[0],
            "ks": sorted(summary.ks),
        },
    )


def _is_mean(column: Column) -> bool:
    """Return whether a column is of accuracy over all users."""
    return bool(column.view and not column.span)


def _head(summary: Summary, column: Column) -> Head:
    is_chosen = column.view in (None, summary.primary_view) and column.k in (None, summary.ks[0])
    return Head(
        name=column.label,
        unit=column.unit,
        is_shown=is_chosen and column.group != "beyond accuracy",
        sorts=column.mean == summary.primary and _is_mean(column),
    )


def _column(summary: Summary, column: Column) -> dict[str, Any]:
    return {
        "id": column.mean or column.key,
        "key": column.key,
        "group": "slices of users" if column.span else column.title,
        "shown": column.group != "beyond accuracy",
        **({} if column.k is None else {"k": column.k}),
        **(_accuracy(summary, column) if column.view else {}),
        **({"metric": column.metric} if _is_mean(column) else {}),
    }


def _accuracy(summary: Summary, column: Column) -> dict[str, Any]:
    """Return what the page needs to draw bars and the Pareto chart of a metric."""
    intervals = [interval for row in summary.rows if (interval := column.interval(row)) is not None]
    ends = [rounded(end) for interval in intervals for end in (interval.low, interval.mean, interval.high)]
    known = [end for end in ends if end is not None]
    return {"view": column.view, "low": min(known), "high": max(known), "front": _front(summary, column.mean)}


def _front(summary: Summary, name: str) -> list[int]:
    """Return the places in the table of the rows on the Pareto front."""
    rows = drawable(summary, name)
    front = front_places(summary, rows, name)
    labels = {rows[number].label for number in front}
    return [place for place, row in enumerate(summary.rows) if row.label in labels and not row.failed]


def _row(summary: Summary, row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    head, label = _setting(summary, row)
    return {
        "label": shown(row.label),
        **({"setting": {"head": head, "label": label}} if head else {}),
        **({"timing": letter} if (letter := summary.timing.mark(row.records)) else {}),
        "cells": [] if row.failed else [_number(summary, row, column) for column in columns],
    }


def _number(summary: Summary, row: Row, column: Column) -> Any:
    interval = column.interval(row)
    if interval is None:
        return rounded(column.value(summary, row))
    return [rounded(interval.mean), rounded(interval.half_width)]


def _setting(summary: Summary, row: Row) -> tuple[str, str]:
    """Return the head above a row and its label there; nothing for a row that is not one of several settings."""
    found = next(each for each in summary.settings if row.label in each.labels)
    return (shown(found.title), shown(full_label(row.label, found))) if found.varied else ("", shown(row.label))


def _lines(summary: Summary, columns: Sequence[Column], best: Sequence[str | None]) -> Iterator[Line]:
    above = ""
    reference = summary.significance.reference if summary.significance else None
    for row in summary.rows:
        head, label = _setting(summary, row)
        kinds = (("best", row.label == reference and not row.failed), ("setting", bool(head)))
        yield Line(
            label=label,
            head=head if head != above else "",
            kind=" ".join(kind for kind, applies in kinds if applies),
            is_on_par=summary.is_marked(row),
            tags=tuple(tags_of(summary, row)),
            failure=shown(row.failure or "") if row.failed else None,
            cells=()
            if row.failed
            else tuple(
                cell_of(summary, row, column, highest, with_spread=True)
                for column, highest in zip(columns, best, strict=True)
            ),
            seeds=", ".join(map(str, row.seeds)) or NOTHING,
            parameters=shown_parameters(row.recommender.parameters) or "none",
        )
        above = head

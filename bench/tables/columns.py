"""The table of columns: each column is one entry, and table, frame, CSV, JSON and page show the entries.

Its group says where a column is shown (see `PLACES`). Those of metrics, which exist once for each cut-off, come from
`bench.tables.measure_columns`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bench.names import VIEWS
from bench.tables.column import Column
from bench.tables.comparison import COMPARISON, comparison_values
from bench.tables.devices import device_text
from bench.tables.machines import machine_of
from bench.tables.measure_columns import beyond_accuracy, bounds, every_accuracy, printed_accuracy, slices
from bench.tables.parameters import found_on_text
from bench.tables.timing import timing_value, timing_values
from bench.writing.text import amount_text, finite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.names import View

PLACES: dict[str, tuple[str, ...]] = {
    "table": ("accuracy", "search", "cost"),
    "second block": ("beyond accuracy",),
    "activity block": ("activity",),
    "popularity block": ("popularity",),
    "frame": ("accuracy", "mark", "beyond accuracy", "activity", "popularity", "search", "cost", "timing", "failure"),
    "page": ("accuracy", "search", "cost", "beyond accuracy", "activity", "popularity"),
    "file": (
        "label", "accuracy", "cost", "timing", "seeds", "reference", "mark", "test", "beyond accuracy", "activity",
        "popularity", "bound", "search",
        "origin", "failure", "task",
    ),
}  # fmt: skip
"""The groups of columns that each place shows, in order; a file is CSV or JSON."""


def _of_comparison(name: str, summary: Summary, row: Row) -> Any:
    """Return a value of a row's test against the reference: the row minus the reference."""
    test = summary.test_of(row)
    return None if test is None else comparison_values(test.comparison)[name]


COLUMNS: tuple[Column, ...] = (
    Column("recommender", "label", lambda _, row: row.label, "recommender"),
    Column(
        "selection_s",
        "search",
        lambda _, row: row.selection_seconds,
        "select",
        "s",
        amount_text,
        dropped=(0, 2),
        is_time=True,
        is_optional=True,
    ),
    Column(
        "build_s",
        "cost",
        lambda _, row: row.build_seconds,
        "build",
        "s",
        amount_text,
        dropped=(0, -1),
        is_time=True,
        is_optional=True,
        matters=lambda row: row.has_notable_build,
    ),
    Column("fit_s", "cost", lambda _, row: row.fit_seconds, "fit", "s", amount_text, dropped=(0, 3), is_time=True),
    Column(
        "fit_cpu_s",
        "cost",
        lambda _, row: row.cpu_seconds,
        "cpu",
        "s",
        amount_text,
        dropped=(0, -2),
        is_time=True,
        is_optional=True,
        matters=lambda row: row.has_notable_cpu or row.exceeds_threads,
    ),
    Column(
        "us_per_user",
        "cost",
        lambda _, row: row.score_us_per_user,
        "score",
        "µs/user",
        amount_text,
        dropped=(0, 1),
        is_time=True,
    ),
    Column("peak_mib", "cost", lambda _, row: row.peak_mib, "peak", "MiB", amount_text, dropped=(0, 0)),
    Column(
        "device_peak_mib",
        "cost",
        lambda _, row: row.device_peak_mib,
        "device",
        "MiB",
        amount_text,
        dropped=(0, 4),
        is_optional=True,
    ),
    Column("seeds", "seeds", lambda _, row: " ".join(map(str, row.seeds))),
    Column("compared_with", "reference", lambda summary, row: (test := summary.test_of(row)) and test.theirs),
    Column("distinguishable", "mark", lambda summary, row: (test := summary.test_of(row)) and test.distinguishable),
    Column(
        "suspicious",
        "mark",
        lambda summary, row: summary.suspicions.get(row.label) if not row.failed else None,
        is_optional=True,
    ),
    Column("p_holm", "test", lambda summary, row: (test := summary.test_of(row)) and finite(test.p_holm)),
    *(Column(name, "test", partial(_of_comparison, name)) for name in COMPARISON),
    Column("origin", "origin", lambda _, row: row.recommender.origin),
    Column("as_given", "origin", lambda _, row: row.recommender.label),
    Column("setting", "origin", lambda summary, row: summary.setting_of(row)),
    Column("parameters_found_on", "origin", lambda _, row: found_on_text(row)),
    Column("machine", "origin", lambda _, row: machine_of(row)),
    Column("device", "origin", lambda _, row: "; ".join(map(device_text, row.devices)) or None),
    Column("best_epochs", "origin", lambda _, row: " ".join(map(str, row.best_epochs)) or None),
    Column(
        "failure",
        "failure",
        lambda _, row: f"{row.failure_kind}: {row.failure}" if row.failed else None,
        is_optional=True,
    ),
    Column("dataset", "task", lambda summary, _: summary.task.dataset),
    Column("task", "task", lambda summary, _: summary.task.digest),
)
"""All columns except those of metrics and beyond accuracy, which exist once for each cut-off."""


def columns_of(summary: Summary, place: str, views: Sequence[View] = VIEWS) -> list[Column]:
    """Return the columns that a place shows, in order.

    Parameters
    ----------
    place
        A key of `PLACES`.
    views
        The views that the table and the frame show; the page and files have all views.
    """
    printed = place in ("table", "frame")
    accuracy = [*(printed_accuracy(summary, views) if printed else every_accuracy(summary)), *slices(summary)]
    every = [*COLUMNS, *_timing(summary), *accuracy, *beyond_accuracy(summary), *bounds(accuracy)]
    shown = [column for group in PLACES[place] for column in every if column.group == group]
    if place == "file":
        return shown
    return [column for column in shown if column.is_known(summary) or not (column.is_optional or place == "page")]


def best_text(summary: Summary, rows: Sequence[Row], column: Column) -> str | None:
    """Return the best mean of a column of a metric, as it is shown; None if there is nothing to compare.

    Suspicious rows are not compared, and neither are values that the number of rivals decides for every recommender.
    """
    rivals = summary.rivals.get(column.view) if column.view else None
    if rivals is not None and rivals.decides(column.metric, column.k or summary.ks[0]):
        return None
    honest = [row for row in rows if not summary.is_suspicious(row)]
    intervals = [interval for row in honest if (interval := column.interval(row)) is not None]
    return highest_text([interval.mean for interval in intervals], column.text)


def highest_text(values: Sequence[float], text: Callable[[float], str]) -> str | None:
    """Return the highest of some values as it is shown; None if there is nothing to compare."""
    return text(max(values)) if len(values) > 1 else None


def drop_order(columns: Sequence[Column]) -> list[int]:
    """Return the places, counted from 0, of the columns that a narrow terminal leaves out, the first one first."""
    places = [(column.dropped, place) for place, column in enumerate(columns) if column.dropped is not None]
    return [place for _, place in sorted(places)]


def row_values(summary: Summary) -> list[dict[str, Any]]:
    """Return all values of each row by column, unrounded; None if a row has no value."""
    columns = columns_of(summary, "file")
    return [{column.key: column.value(summary, row) for column in columns} for row in summary.rows]


def _timing(summary: Summary) -> Iterator[Column]:
    """Yield what files say of the times, where some cannot be compared."""
    for name in timing_values(summary.timing, ()):
        yield Column(name, "timing", partial(timing_value, name))

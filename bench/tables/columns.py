"""The table of columns: each column is one entry, and table, frame, CSV, JSON and page show the entries.

An entry of `COLUMNS` has header, unit, value and text, and says when a narrow terminal leaves the column out. Its group
says where it is shown (see `PLACES`). The columns of metrics come from `protocol.evaluation.metrics.METRICS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.analysis.beyond_accuracy import BEYOND_ACCURACY
from bench.names import VIEWS, value_name
from bench.tables.comparison import COMPARISON, comparison_values
from bench.tables.devices import device_text
from bench.tables.machines import machine_of
from bench.tables.parameters import found_on_text
from bench.tables.timing import timing_value, timing_values
from bench.writing.text import accuracy_text, amount_text, finite
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.names import View
    from protocol.evaluation.intervals import Interval

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


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    key
        The name of the column in frames, CSV and JSON.
    group
        Decides where it is shown (see `PLACES`).
    value
        The value of a row, unrounded; None if the row has none.
    title, unit
        The header.
    span
        The counts of a slice of users, which the header shows below the title; empty for other columns.
    text
        Formats a value for readers.
    k
        The cut-off that the value is about, if any.
    dropped
        The order in which a narrow terminal leaves columns out, the lowest first. None keeps the column.
    is_optional
        Whether the table and the frame leave it out if no row has a value.
    matters
        Whether a row's value is worth a column; None for every value.
    is_time
        Whether it depends on the conditions that a row was timed under.
    view, metric, mean, has_spread
        Only for a column of a metric: the view, the metric, the key in `bench.analysis.rows.Row.accuracy`, and whether
        the table shows half of the interval.
    """

    key: str
    group: str
    value: Callable[[Summary, Row], Any]
    title: str = ""
    unit: str = ""
    text: Callable[[Any], str] = str
    k: int | None = None
    dropped: tuple[int, ...] | None = None
    is_optional: bool = False
    matters: Callable[[Row], bool] | None = None
    is_time: bool = False
    view: View | None = None
    metric: str = ""
    mean: str = ""
    has_spread: bool = False
    span: str = ""

    @property
    def label(self) -> str:
        """The title with its cut-off: ``NDCG@10``, ``coverage@10``, ``AUC``, ``fit``; ``activity 12-30``."""
        if self.span:
            return f"{self.title} {self.span}" if self.span != self.title else self.title
        return self.title if self.k is None else f"{self.title}@{self.k}"

    @property
    def header(self) -> tuple[str, str]:
        """The two lines above the column; the first line is the view, except for a sampled one that is shown first."""
        if self.span:
            return (self.title, self.span if self.span != self.title else "")
        is_plain = self.view is None or (self.view == "sampled" and self.has_spread)
        return (self.label, self.unit) if is_plain else (str(self.view), self.label)

    def interval(self, row: Row) -> Interval | None:
        """Return the mean of a metric with its interval; None for other columns, and if the row has none."""
        return row.accuracy.get(self.mean)

    def mark(self, summary: Summary, row: Row) -> str:
        """Return the letter behind a time that cannot be compared with all others of the table; else nothing."""
        return summary.timing.mark(row.records) if self.is_time else ""

    def is_known(self, summary: Summary) -> bool:
        """Return whether any row has a value that matters."""
        rows = [row for row in summary.rows if self.value(summary, row) is not None]
        return any(self.matters is None or self.matters(row) for row in rows)


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


@dataclass(frozen=True)
class _BeyondAccuracy:
    title: str
    unit: str
    text: Callable[[Any], str]


_BEYOND_ACCURACY = {
    "coverage": _BeyondAccuracy("coverage", "of items", accuracy_text),
    "gini": _BeyondAccuracy("Gini", "0 to 1", accuracy_text),
    "popularity": _BeyondAccuracy("popularity", "in train", amount_text),
    "novelty": _BeyondAccuracy("novelty", "bits", amount_text),
}


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
    accuracy = list(_printed_accuracy(summary, views) if printed else _every_accuracy(summary))
    slices = list(_slices(summary))
    every = [*COLUMNS, *_timing(summary), *accuracy, *_beyond_accuracy(summary), *slices]
    every += _bounds([*accuracy, *slices])
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


def _every_accuracy(summary: Summary) -> Iterator[Column]:
    """Yield a column for each metric, cut-off and view."""
    for view in VIEWS:
        for place, k in enumerate(summary.ks):
            for metric in summary.metrics:
                yield from _new(place, _accuracy(view, metric, k))


def _printed_accuracy(summary: Summary, views: Sequence[View]) -> Iterator[Column]:
    """Yield the columns of the printed table: all metrics in the first view, the primary one in the others.

    Without room, columns go in this order, the last cut-off first: the primary metric in the other views, the other
    metrics from the last to the first, the primary metric. The mean that sorts the rows, in the first view, stays.
    """
    first, *others = views
    primary, ks = summary.primary_metric, summary.ks
    for place, k in enumerate(ks):
        for number, metric in enumerate(summary.metrics):
            order = (1, -place, 2, 0) if metric == primary else (1, -place, 1, -number)
            stays = metric == primary and place == 0
            yield from _new(place, _accuracy(first, metric, k, None if stays else order, has_spread=True))
    for number, view in enumerate(others):
        for place, k in enumerate(ks):
            yield from _new(place, _accuracy(view, primary, k, (1, -place, 0, -number)))


def _new(place: int, column: Column) -> Iterator[Column]:
    """Yield a column, unless its metric has no cut-off and was yielded at the first one."""
    if place == 0 or METRICS[column.metric].has_cutoff:
        yield column


def _accuracy(
    view: View, metric: str, k: int, dropped: tuple[int, ...] | None = None, *, has_spread: bool = False
) -> Column:
    name = value_name(view, metric, k)
    return Column(
        # Keys have no blanks: full_NDCG@10.
        key=name.replace(" ", "_"),
        group="accuracy",
        value=partial(_mean_of, name),
        title=metric,
        text=accuracy_text,
        k=k if METRICS[metric].has_cutoff else None,
        dropped=dropped,
        view=view,
        metric=metric,
        mean=name,
        has_spread=has_spread,
    )


def _bounds(accuracy: Iterable[Column]) -> Iterator[Column]:
    """Yield the ends of the intervals."""
    for column in accuracy:
        for end in ("low", "high"):
            yield Column(f"{column.key}_{end}", "bound", partial(_end_of_interval, column, end))


def _end_of_interval(column: Column, end: str, _: Summary, row: Row) -> float | None:
    interval = column.interval(row)
    return None if interval is None else finite(getattr(interval, end))


def _beyond_accuracy(summary: Summary) -> Iterator[Column]:
    """Yield the columns of the second block; without room, the last goes first, and the first stays."""
    names = [(k, name) for k in summary.ks for name in BEYOND_ACCURACY]
    for place, (k, name) in enumerate(names):
        about = _BEYOND_ACCURACY[name]
        yield Column(
            key=f"{name}@{k}",
            group="beyond accuracy",
            value=partial(_beyond_accuracy_of, f"{name}@{k}"),
            title=about.title,
            unit=about.unit,
            text=about.text,
            k=k,
            dropped=(1, -place) if place else None,
        )


def _slices(summary: Summary) -> Iterator[Column]:
    """Yield a column for each slice of users; without room, the last goes first, and the first stays."""
    found = {summary.slice_name(each): each for each in summary.slices or ()}
    for place, (name, each) in enumerate(found.items()):
        yield Column(
            key=name.replace(" ", "_"),
            group="activity" if each.kind == "activity" else "popularity",
            value=partial(_mean_of, name),
            title=each.kind,
            text=accuracy_text,
            dropped=(1, -place) if place else None,
            view=summary.primary_view,
            metric=summary.primary_metric,
            mean=name,
            span=each.span,
        )


def _mean_of(name: str, _: Summary, row: Row) -> float | None:
    return row.accuracy[name].mean if name in row.accuracy else None


def _beyond_accuracy_of(key: str, _: Summary, row: Row) -> float | None:
    return row.beyond_accuracy.get(key)

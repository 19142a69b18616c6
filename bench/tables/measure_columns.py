"""The columns that exist once for each cut-off or slice: metrics in each view, their intervals, beyond accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.analysis.beyond_accuracy import BEYOND_ACCURACY
from bench.names import VIEWS, value_name
from bench.tables.column import Column
from bench.writing.text import accuracy_text, amount_text, finite
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.names import View


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


def every_accuracy(summary: Summary) -> Iterator[Column]:
    """Yield a column for each metric, cut-off and view; the metric that sorts comes first, as in the printed table."""
    for view in VIEWS:
        for place, k in enumerate(summary.ks):
            for metric in summary.metrics_as_shown:
                yield from _new(place, _accuracy(view, metric, k))


def printed_accuracy(summary: Summary, views: Sequence[View]) -> Iterator[Column]:
    """Yield the columns of the printed table: all metrics in the first view, the primary one in the others.

    The primary metric, which sorts the rows, comes first. Without room, columns go in this order, the last cut-off
    first: the primary metric in the other views, the other metrics from the last to the first, the primary metric. The
    mean that sorts the rows, in the first view, stays.
    """
    first, *others = views
    primary, ks = summary.primary_metric, summary.ks
    for place, k in enumerate(ks):
        for number, metric in enumerate(summary.metrics_as_shown):
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


def bounds(accuracy: Iterable[Column]) -> Iterator[Column]:
    """Yield the ends of the intervals."""
    for column in accuracy:
        for end in ("low", "high"):
            yield Column(f"{column.key}_{end}", "bound", partial(_end_of_interval, column, end))


def _end_of_interval(column: Column, end: str, _: Summary, row: Row) -> float | None:
    interval = column.interval(row)
    return None if interval is None else finite(getattr(interval, end))


def beyond_accuracy(summary: Summary) -> Iterator[Column]:
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


def slices(summary: Summary) -> Iterator[Column]:
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

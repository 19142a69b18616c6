"""Accuracy against fit time: how much time more accuracy costs, and which rows are worse in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analysis.pareto_front import drawable, front_places
from bench.charts.accuracy_by_time import accuracy_by_time
from bench.charts.chart import Chart, listed, rounded, shown, shown_parameters, timed_label
from bench.writing.text import accuracy_text, amount_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.charts.style import Style


def pareto(summary: Summary, style: Style, name: str | None = None, only: Container[str] | None = None) -> Chart | None:
    """Return the chart of one mean; None if no row has both the mean and a fit time.

    Parameters
    ----------
    name
        A key of `bench.analysis.rows.Row.accuracy`; by default the mean that sorts the rows.
    only
        The labels of the rows that are drawn; None for all. The front is that of all rows.
    """
    name = name or summary.primary

    def is_wanted(row: Row) -> bool:
        return only is None or row.label in only

    every = drawable(summary, name)
    on_front = {every[place].label for place in front_places(summary, every, name)}
    rows = list(filter(is_wanted, every))
    if not rows:
        return None
    labels = {row.label: timed_label(shown(row.label), summary.timing.mark(row.records)) for row in rows}
    names = style.names(labels.values(), bold=True)
    about_front = (
        f"The times are of {summary.incomparable_times}, so no Pareto front is marked. {shown(summary.timing_sentence)}"
        if summary.incomparable_times
        else "On the Pareto front (no other row is both faster and at least as accurate): "
        f"{listed(shown(row.label) for row in rows if row.label in on_front) or 'none of these rows'}."
    )
    missing = [row.label for row in filter(is_wanted, summary.rows) if not row.failed and row.label not in labels]
    left_out = f" Without a fit time, so not drawn: {listed(map(shown, missing))}." if missing else ""
    return Chart(
        spec=accuracy_by_time(
            [_point(row, name, labels[row.label], names, on_front=row.label in on_front) for row in rows], name, style
        ),
        alternative=f"{name} against fit seconds, on a logarithmic axis, with 95 % intervals. {about_front}{left_out}",
        headers=("recommender", "fit s", name, "95 % interval", "Pareto front"),
        lines=tuple(_line(row, name, labels[row.label], on_front=row.label in on_front) for row in rows),
    )


def _point(row: Row, name: str, label: str, names: Mapping[str, str], *, on_front: bool) -> dict[str, Any]:
    interval = row.accuracy[name]
    return {
        "label": label,
        "name": names[label],
        "fit": rounded(row.fit_seconds),
        "mean": rounded(interval.mean),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
        "front": on_front,
        "tip": [
            [name, f"{accuracy_text(interval.mean)} {spread_text(interval.half_width)}"],
            ["fit", f"{amount_text(row.fit_seconds)} s"],
            ["parameters", shown_parameters(row.recommender.parameters)],
        ],
    }


def _line(row: Row, name: str, label: str, *, on_front: bool) -> tuple[str, ...]:
    interval = row.accuracy[name]
    return (
        label,
        amount_text(row.fit_seconds),
        accuracy_text(interval.mean),
        f"{accuracy_text(interval.low)} to {accuracy_text(interval.high)}",
        "yes" if on_front else "no",
    )

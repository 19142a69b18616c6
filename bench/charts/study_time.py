"""Accuracy against fit time over all datasets: mean relative scores, and geometric means of times."""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bench.charts.accuracy_by_time import FIT_TIME, accuracy_by_time
from bench.charts.chart import Chart, listed, rounded, shown, timed_label
from bench.writing.text import accuracy_text, amount_text, count_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.charts.style import Style
    from bench.records.record import Record
    from bench.studies.comparison import StudyComparison

_TIME = (*FIT_TIME, "geometric mean over datasets")
"""The title of the axis of times, by lines."""


def study_time(found: StudyComparison, style: Style) -> Chart | None:
    """Return the chart of the rows with a figure and a fit time on each dataset; None if there are none."""
    times = {row.label: _time(found, row.label) for row in found.rows if row.relative is not None}
    scores = {row.label: row.relative for row in found.rows if row.relative is not None}
    known = {label: time for label, time in times.items() if time is not None}
    if not known:
        return None
    front = set() if found.timing.are_several else _front(known, scores)
    left_out = [shown(row.label) for row in found.rows if row.label not in known]
    names = {label: timed_label(shown(label), found.timing.mark(_records(found, label))) for label in known}
    short, values = style.names(names.values(), bold=True), []
    for label, time in known.items():
        values.append(_point(names[label], short[names[label]], time, scores[label], on_front=label in front))
    name = f"mean share of the best {found.figure.name}"
    return Chart(
        spec=accuracy_by_time(values, name, style, _TIME),
        alternative=f"{name} against fit seconds, the geometric mean over {count_text(len(found.columns), 'dataset')}, "
        "on a logarithmic axis. "
        + (
            f"The times are of {found.timing.are_of}, so no Pareto front is marked. {shown(found.timing_sentence)}"
            if found.timing.are_several
            else "On the Pareto front (no other row is both faster and at least as accurate): "
            f"{listed(shown(label) for label in known if label in front)}."
        )
        + (f" Without a figure and a fit time on each dataset, so not drawn: {listed(left_out)}." if left_out else ""),
        headers=("recommender", "fit s (geometric mean)", name, "Pareto front"),
        lines=tuple(
            (names[label], amount_text(time), accuracy_text(scores[label], 3), "yes" if label in front else "no")
            for label, time in known.items()
        ),
    )


def _time(found: StudyComparison, label: str) -> float | None:
    """Return the geometric mean of the fit times of a row; None where it lacks one."""
    times = [column.rows[label].fit_seconds if label in column.rows else None for column in found.columns]
    known = [time for time in times if time]
    return math.exp(fmean(map(math.log, known))) if len(known) == len(times) else None


def _records(found: StudyComparison, label: str) -> list[Record]:
    """Return the records of a row on all datasets."""
    return [record for column in found.columns if label in column.rows for record in column.rows[label].records]


def _front(times: Mapping[str, float], scores: Mapping[str, float]) -> set[str]:
    """Return the rows for which no other row is both faster and at least as accurate."""
    best, front = -math.inf, set()
    for label in sorted(times, key=lambda label: (times[label], -scores[label])):
        if scores[label] > best:
            best = scores[label]
            front.add(label)
    return front


def _point(label: str, name: str, time: float, score: float, *, on_front: bool) -> dict[str, Any]:
    return {
        "label": label,
        "name": name,
        "fit": rounded(time),
        "mean": rounded(score),
        "low": None,
        "high": None,
        "front": on_front,
        "tip": [["mean relative score", accuracy_text(score, 3)], ["fit", f"{amount_text(time)} s"]],
    }

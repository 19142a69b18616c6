"""A forest plot: the paired differences of all rows from one row, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown
from bench.charts.encodings import TIP, labels_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.writing.text import NOTHING, difference_text, finite, p_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.significance import PairTest
    from bench.analysis.summary import Summary
    from bench.charts.style import Style


@dataclass(frozen=True)
class Difference:
    """A row minus the row that it is compared with; values that are not known are None."""

    label: str
    difference: float
    low: float | None
    high: float | None
    p_holm: float | None
    distinguishable: bool


def forest(summary: Summary, style: Style) -> Chart | None:
    """Return the chart against the reference of the tests, the baseline or the best row; None without tests."""
    found = summary.significance
    if found is None:
        return None
    differences = differences_from(summary, found.reference)
    role = summary.reference_role
    n_distinguishable = sum(each.distinguishable for each in differences)
    return Chart(
        spec=_spec([point(number, each) for number, each in enumerate(differences[:MOST_ROWS])], found.metric, style),
        alternative=f"{found.metric} of each row minus that of {role}, {shown(found.reference)}, with 95 % intervals "
        "of the paired differences. Distinguishable after Holm's correction: "
        f"{n_distinguishable} of {len(differences)}." + first_rows([each.label for each in differences]),
        headers=("recommender", f"minus {shown(found.reference)}", "95 % interval", "p (Holm)", "distinguishable"),
        lines=tuple(map(line, differences)),
    )


def differences_from(summary: Summary, reference: str) -> list[Difference]:
    """Return all rows minus one, in the order of the table; rows without a test are left out."""
    found = summary.significance
    pairs = found.pairs if found else ()
    by_label: dict[str, Difference] = {}
    for pair in pairs:
        if pair.theirs == reference:
            by_label[pair.ours] = _difference(pair, pair.ours, sign=1)
        elif pair.ours == reference:
            by_label[pair.theirs] = _difference(pair, pair.theirs, sign=-1)
    return [by_label[row.label] for row in summary.rows if row.label in by_label]


def _difference(pair: PairTest, label: str, *, sign: int) -> Difference:
    comparison = pair.comparison
    low, high = sorted((sign * comparison.low, sign * comparison.high))
    return Difference(
        label, sign * comparison.difference, finite(low), finite(high), finite(pair.p_holm), pair.distinguishable
    )


def line(each: Difference) -> tuple[str, ...]:
    """Return a difference as text."""
    interval = NOTHING
    if each.low is not None and each.high is not None:
        interval = f"{difference_text(each.low)} to {difference_text(each.high)}"
    return (
        shown(each.label),
        difference_text(each.difference),
        interval,
        p_text(each.p_holm),
        "yes" if each.distinguishable else "no",
    )


def point(place: int, each: Difference) -> dict[str, Any]:
    """Return a difference as the chart's data have it."""
    _, difference, interval, p_value, answer = line(each)
    return {
        "place": place,
        "label": shown(each.label),
        "difference": rounded(each.difference),
        "low": rounded(each.low),
        "high": rounded(each.high),
        "distinguishable": each.distinguishable,
        "tip": [
            ["difference", difference],
            ["95 % interval", interval],
            ["p (Holm)", p_value],
            ["distinguishable", answer],
        ],
    }


def _spec(values: Sequence[dict[str, Any]], metric: str, style: Style) -> dict[str, Any]:
    colours = style.palette
    colour = {"condition": {"test": "datum.distinguishable", "value": colours.accent}, "value": colours.muted}
    y = labels_by_place(style, 150, grid=False)
    x_axis = {
        "title": f"difference in {metric}",
        "grid": True,
        "format": "+.2f",
        "tickCount": 6,
        "labelOverlap": True,
        "labelExpr": "datum.value === 0 ? '0' : datum.label",
    }
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(max(1, len(values)) * 26),
        "data": {"name": "rows", "values": list(values)},
        "layer": [
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": colours.ink, "strokeWidth": 1},
                "encoding": {"x": {"field": "zero", "type": "quantitative"}},
            },
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": y,
                    "x": {"field": "low", "type": "quantitative"},
                    "x2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "mark": {"type": "point", "filled": False, "size": 70, "opacity": 1, "strokeWidth": 2},
                "encoding": {
                    "y": y,
                    "x": {"field": "difference", "type": "quantitative", "axis": x_axis},
                    "color": colour,
                    "fill": {
                        "condition": {"test": "datum.distinguishable", "value": colours.accent},
                        "value": colours.surface,
                    },
                    "tooltip": TIP,
                },
            },
        ],
    }

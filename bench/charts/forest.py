"""A forest plot: the paired differences of all rows from one row, with the intervals of its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.axes import live_difference_axis
from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown
from bench.charts.encodings import TIP, names_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.charts.outside import far_below
from bench.charts.style import PAGE
from bench.writing.text import NOTHING, difference_text, finite, p_text

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bench.analysis.significance import PairTest
    from bench.analysis.summary import Summary
    from bench.charts.style import Style

    Ends = tuple[float | None, float | None]

_KEY = (
    "Filled: distinguishable (Holm's test, 5 %). Thick: 95 % intervals; thin: at the level of Holm's test, without 0 "
    "where filled."
)


@dataclass(frozen=True)
class Difference:
    """A row minus the row that it is compared with; values that are not known are None.

    Parameters
    ----------
    name
        The label as it fits beside the chart.
    ends, holm_ends
        Of the 95 % interval, and of the interval at the level that Holm's procedure tests the row at: 0 is outside of
        that one exactly where the row is distinguishable.
    title
        What the axis is called: ``NDCG@10 minus that of als``.
    """

    label: str
    name: str
    difference: float
    ends: Ends
    holm_ends: Ends
    p_holm: float | None
    distinguishable: bool
    title: str


def forest(summary: Summary, style: Style, only: Container[str] | None = None) -> Chart | None:
    """Return the chart against the reference of the tests, the baseline or the best row; None without tests.

    Parameters
    ----------
    only
        The labels of the rows that are drawn; None for all. The tests are those of all rows.
    """
    found = summary.significance
    if found is None:
        return None
    differences = differences_from(summary, found.reference, style, only)
    if not differences:
        return None
    more = first_rows([each.label for each in differences])
    n_distinguishable = sum(each.distinguishable for each in differences)
    return Chart(
        spec={
            **_spec(points(differences), style),
            **caption(style, _KEY, more),
        },
        alternative=f"{found.metric} of each row minus that of {summary.reference_role}, {shown(found.reference)}, "
        "with 95 % intervals of the paired differences, and intervals at the level of Holm's test. Distinguishable "
        f"after Holm's correction: {n_distinguishable} of {len(differences)}.{more}",
        headers=(
            "recommender",
            f"minus {shown(found.reference)}",
            "95 % interval",
            "interval at Holm's level",
            "p (Holm)",
            "distinguishable",
        ),
        lines=tuple(map(line, differences)),
    )


def differences_from(
    summary: Summary, reference: str, style: Style = PAGE, only: Container[str] | None = None
) -> list[Difference]:
    """Return all rows minus one, in the order of the table; rows without a test are left out."""
    found = summary.significance
    signs: dict[str, tuple[PairTest, int]] = {}
    for pair in found.pairs if found else ():
        if pair.theirs == reference:
            signs[pair.ours] = pair, 1
        elif pair.ours == reference:
            signs[pair.theirs] = pair, -1
    labels = [row.label for row in summary.rows if row.label in signs and (only is None or row.label in only)]
    names = style.names(map(shown, labels))
    title = _title(found.metric, shown(reference), style) if found else ""
    return [_difference(label, names[shown(label)], *signs[label], title) for label in dict.fromkeys(labels)]


def _title(metric: str, reference: str, style: Style) -> str:
    """Return what the axis is called; the name in it is cut where the whole is wider than the chart."""
    before = f"{metric} minus that of "
    return before + style.names([reference], style.space - style.width_of([before]))[reference]


def _difference(label: str, name: str, pair: PairTest, sign: int, title: str) -> Difference:
    def ends(low: float, high: float) -> Ends:
        first, last = sorted((sign * low, sign * high))
        return finite(first), finite(last)

    comparison = pair.comparison
    return Difference(
        label=label,
        name=name,
        difference=sign * comparison.difference,
        ends=ends(comparison.low, comparison.high),
        holm_ends=ends(*pair.holm_interval),
        p_holm=finite(pair.p_holm),
        distinguishable=pair.distinguishable,
        title=title,
    )


def line(each: Difference) -> tuple[str, ...]:
    """Return a difference as text."""
    return (
        shown(each.label),
        difference_text(each.difference),
        _interval_text(*each.ends),
        _interval_text(*each.holm_ends),
        p_text(each.p_holm),
        "yes" if each.distinguishable else "no",
    )


def _interval_text(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{difference_text(low)} to {difference_text(high)}"


def points(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return the first differences as the chart's data have them; those far below the others are at its edge."""
    drawn = differences[:MOST_ROWS]
    outside = far_below([(each.difference, *_drawn_ends(each)) for each in drawn], on_axis=0.0)
    return [
        _point(place, each, is_outside=is_outside)
        for place, (each, is_outside) in enumerate(zip(drawn, outside, strict=True))
    ]


def _drawn_ends(each: Difference) -> tuple[float, float]:
    known = [end for end in (each.difference, *each.ends, *each.holm_ends) if end is not None]
    return min(known), max(known)


def _point(place: int, each: Difference, *, is_outside: bool) -> dict[str, Any]:
    _, difference, interval, holm_interval, p_value, answer = line(each)
    known = (each.difference, *each.ends, *each.holm_ends)
    names = ("difference", "low", "high", "holm_low", "holm_high")
    return {
        "place": place,
        "label": shown(each.label),
        "name": each.name,
        **{name: None if is_outside else rounded(value) for name, value in zip(names, known, strict=True)},
        "outside": f"{difference}, outside" if is_outside else None,
        "distinguishable": each.distinguishable,
        "title": each.title,
        "tip": [
            ["difference", difference],
            ["95 % interval", interval],
            ["interval at Holm's level", holm_interval],
            ["p (Holm)", p_value],
            ["distinguishable", answer],
        ],
    }


def _spec(values: Sequence[dict[str, Any]], style: Style) -> dict[str, Any]:
    colours = style.palette
    colour = {"condition": {"test": "datum.distinguishable", "value": colours.accent}, "value": colours.muted}
    y = names_by_place(style, grid=False)
    x_axis = {"title": None, "grid": True, **live_difference_axis()}

    def interval(low: str, high: str, width: float) -> dict[str, Any]:
        return {
            "transform": [{"filter": f"isValid(datum.{low})"}],
            "mark": {"type": "rule", "strokeWidth": width},
            "encoding": {"y": y, "x": {"field": low, "type": "quantitative"}, "x2": {"field": high}, "color": colour},
        }

    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(len(values) * style.row),
        "data": {"name": "rows", "values": list(values)},
        "layer": [
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": colours.ink, "strokeWidth": 1},
                "encoding": {"x": {"field": "zero", "type": "quantitative"}},
            },
            interval("holm_low", "holm_high", 1),
            interval("low", "high", 3),
            {
                "mark": {"type": "point", "filled": False, "size": 36, "opacity": 1, "strokeWidth": 2},
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
            *_outside(y, colour),
            _axis_title(style),
        ],
    }


def _outside(y: dict[str, Any], colour: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a mark and the difference, at the left edge, of each row that is far below the others."""
    rows = [{"filter": "isValid(datum.outside)"}]
    at_edge = {"y": y, "color": colour, "tooltip": TIP}
    return [
        {
            "transform": rows,
            "mark": {"type": "point", "shape": "triangle-left", "filled": True, "size": 50, "opacity": 1},
            "encoding": {**at_edge, "x": {"value": 5}},
        },
        {
            "transform": rows,
            "mark": {"type": "text", "align": "left", "baseline": "middle"},
            "encoding": {**at_edge, "x": {"value": 13}, "text": {"field": "outside"}},
        },
    ]


def _axis_title(style: Style) -> dict[str, Any]:
    """Return the title of the axis as a mark, as it has a name that others chose: such are in the data only."""
    return {
        "transform": [{"filter": "datum.place === 0"}],
        "mark": {"type": "text", "align": "right", "baseline": "top", "color": style.palette.muted},
        "encoding": {
            "x": {"value": {"expr": "width"}},
            "y": {"value": {"expr": f"height + {round(2 * style.font_size)}"}},
            "text": {"field": "title"},
        },
    }

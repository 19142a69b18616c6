"""The critical-difference diagram: mean ranks on a line, with bars that join rows that cannot be told apart.

Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006, figure 1. The better half of the
rows has its names on the left, the other half on the right, each name at a height of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.axes import whole_axis
from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, listed, rounded, shown
from bench.charts.encodings import TIP
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.writing.text import NOTHING, count_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.charts.style import Style
    from bench.studies.comparison import StudyComparison
    from bench.studies.over_datasets import OverDatasets

_SIDE = 0.36
"""How much of a chart's width names and mean ranks on each side may take."""

_EDGE = 8
"""How far beyond the line of ranks the lines to the names end, in pixels."""

_CD_HEIGHT, _TICKS_HEIGHT, _LINE_HEIGHT = 12, 34, 46
"""Of the critical difference, the numbers and the line of ranks, in pixels from the top."""

_BAR_STEP, _NAME_STEP, _GAP = 8, 17, 6
"""Pixels between bars, between names, and beside texts."""

_MOST_TICKS = 8

_KEY = (
    "Mean ranks, 1 is best. Bars join rows that differ by less than the critical difference (CD; Nemenyi's test, 5 %)."
)


@dataclass(frozen=True)
class _Bar:
    """A group of rows, with the ranks of its ends; bars of one level do not overlap."""

    low: float
    high: float
    level: int


def critical_difference_diagram(found: StudyComparison, style: Style) -> Chart | None:
    """Return the diagram of the rows that have a figure on each dataset; None where there is no test over datasets."""
    tests = found.tests
    if tests is None:
        return None
    left_out = [shown(label) for label in found.incomplete]
    groups = [listed(map(shown, group)) for group in tests.groups]
    more = first_rows(tests.labels)
    return Chart(
        spec={**_spec(tests, style), **caption(style, _KEY, more)},
        alternative=f"Mean ranks by {found.figure.name} of {len(tests.labels)} rows over "
        f"{count_text(tests.n_datasets, 'dataset')}, 1 is best. Rows whose mean ranks differ by "
        f"{tests.critical_difference:.2f} or more are distinguishable (Nemenyi, 5 %). "
        + (f"Bars join: {'; '.join(groups)}." if groups else "No rows are joined by a bar.")
        + (f" Without a figure on each dataset, so not drawn: {listed(left_out)}." if left_out else "")
        + more,
        headers=("recommender", "mean rank", "bars"),
        lines=tuple(
            (shown(label), f"{rank:.2f}", _bars_of(label, tests))
            for label, rank in zip(tests.labels, tests.mean_ranks, strict=True)
        ),
    )


def _bars_of(label: str, tests: OverDatasets) -> str:
    """Return the numbers of the bars that a row is joined by."""
    return ", ".join(str(number) for number, group in enumerate(tests.groups, start=1) if label in group) or NOTHING


def _bars(tests: OverDatasets) -> list[_Bar]:
    """Return the bars, each at the first level where it has room."""
    ranks = dict(zip(tests.labels[:MOST_ROWS], tests.mean_ranks, strict=False))
    ends: list[float] = []
    found = []
    for group in tests.groups:
        drawn = [ranks[label] for label in group if label in ranks]
        if len(drawn) < 2:
            continue
        low, high = drawn[0], drawn[-1]
        level = next((number for number, end in enumerate(ends) if end < low), len(ends))
        ends[level : level + 1] = [high]
        found.append(_Bar(low, high, level))
    return found


def _names(tests: OverDatasets, top: int, short: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return where each name is: the ends of the list are the highest, so that no two lines cross."""
    labels = tests.labels[:MOST_ROWS]
    n_left = (len(labels) + 1) // 2
    return [
        {
            "label": shown(label),
            "rank": rounded(rank),
            "name": short[shown(label)],
            "text": f"{rank:.2f}",
            "side": "left" if place < n_left else "right",
            "end": 1 if place < n_left else len(tests.labels),
            "height": top + _NAME_STEP * (place if place < n_left else len(labels) - 1 - place),
            "line": _LINE_HEIGHT,
            "tip": [["mean rank", f"{rank:.2f}"], ["bars", _bars_of(label, tests)]],
        }
        for place, (label, rank) in enumerate(zip(labels, tests.mean_ranks, strict=False))
    ]


def _spec(tests: OverDatasets, style: Style) -> dict[str, Any]:
    colours, n_rows, bars = style.palette, len(tests.labels), _bars(tests)
    last = max(n_rows, 1 + tests.critical_difference)
    top = _LINE_HEIGHT + _BAR_STEP * (2 + max((bar.level + 1 for bar in bars), default=0)) + 6
    ranks_width = style.width_of(f"{rank:.2f}" for rank in tests.mean_ranks) + 2 * _GAP
    short = style.names(map(shown, tests.labels[:MOST_ROWS]), _SIDE * style.space - ranks_width)
    names = _names(tests, top, short)
    height = max(name["height"] for name in names) + 10
    side = round(ranks_width + style.width_of(short.values())) + _EDGE + _GAP
    x_scale = {"domain": [1, last], "range": [side, {"expr": f"width - {side}"}], "nice": False, "zero": False}
    y_scale = {"domain": [height, 0], "nice": False, "zero": False}

    text: dict[str, Any] = {"type": "text", "baseline": "middle"}

    def at(x: str, y: str, x2: str | None = None, y2: str | None = None) -> dict[str, Any]:
        ends = {"x2": {"field": x2}} if x2 else {"y2": {"field": y2}} if y2 else {}
        return {
            "x": {"field": x, "type": "quantitative", "scale": x_scale, "axis": None},
            "y": {"field": y, "type": "quantitative", "scale": y_scale, "axis": None},
            **ends,
        }

    def rule(width: float, colour: str) -> dict[str, Any]:
        return {"type": "rule", "strokeWidth": width, "color": colour}

    def between(low: float, high: float, height: float) -> dict[str, Any]:
        return {"low": low, "high": high, "height": height}

    def of_side(side: str, mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
        return {
            "transform": [{"filter": {"field": "side", "equal": side}}],
            "mark": mark,
            "encoding": encoding,
        }

    def names_of(side: str, align: str, sign: int) -> list[dict[str, Any]]:
        line = of_side(side, {**rule(1, colours.muted), "x2Offset": sign * _EDGE}, **at("rank", "height", "end"))
        texts = [
            of_side(
                side,
                {**text, "align": align, "dx": sign * (_EDGE + dx), "color": colour},
                **at("end", "height"),
                text={"field": field},
                tooltip=TIP,
            )
            for field, dx, colour in (("text", 4, colours.muted), ("name", ranks_width, colours.ink))
        ]
        return [line, *texts]

    difference = between(1, 1 + tests.critical_difference, _CD_HEIGHT)
    drawn = [between(bar.low, bar.high, _LINE_HEIGHT + _BAR_STEP * (bar.level + 1.5)) for bar in bars]
    line_width = (style.space - 2 * side) * (n_rows - 1) / (last - 1)
    most_ticks = max(2, min(_MOST_TICKS, int(line_width / (style.width_of([str(n_rows)]) + 2 * _GAP))))
    ticks = [
        {"rank": rank, "height": _TICKS_HEIGHT, "line": _LINE_HEIGHT, "top": 41}
        for rank in whole_axis(1, n_rows, most_ticks)["values"]
    ]
    difference_text = f"CD {tests.critical_difference:.2f}"
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(height),
        "data": {"name": "rows", "values": names},
        "layer": [
            {
                "data": {"values": [difference]},
                "layer": [
                    {"mark": rule(2, colours.ink), "encoding": at("low", "height", "high")},
                    {
                        "mark": {**text, "align": "right", "dx": -_GAP},
                        "encoding": {**at("low", "height"), "text": {"value": difference_text}},
                    },
                ],
            },
            {
                "data": {"values": [between(1, n_rows, _LINE_HEIGHT)]},
                "mark": rule(1.25, colours.ink),
                "encoding": at("low", "height", "high"),
            },
            {
                "data": {"values": ticks},
                "layer": [
                    {"mark": rule(1, colours.ink), "encoding": at("rank", "top", y2="line")},
                    {"mark": text, "encoding": at("rank", "height") | {"text": {"field": "rank"}}},
                ],
            },
            {"mark": rule(1, colours.muted), "encoding": at("rank", "line", y2="height")},
            {
                "data": {"values": drawn},
                "mark": {**rule(4, colours.accent), "strokeCap": "round"},
                "encoding": at("low", "height", "high"),
            },
            *names_of("left", "right", -1),
            *names_of("right", "left", 1),
        ],
    }

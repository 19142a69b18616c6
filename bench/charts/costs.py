"""The time of scoring a user and the memory of fitting: a dot for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown, timed_label
from bench.charts.encodings import TIP, labels_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.writing.text import amount_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.summary import Summary
    from bench.charts.style import Style

_TITLES = {
    "score_us_per_user": ("score time, µs per user (logarithmic)", "log"),
    "peak_mib": ("peak memory, MiB", "linear"),
}

_TIMES = ("score_us_per_user",)


def cost(summary: Summary, name: str, style: Style) -> Chart | None:
    """Chart one cost of `bench.analysis.rows.Row`, such as ``"peak_mib"``; None if no row has it."""
    title, scale = _TITLES[name]
    letter = summary.timing.mark if name in _TIMES else lambda _: ""
    known = [
        (timed_label(row.label, letter(row.records)), float(getattr(row, name)))
        for row in summary.rows
        if (getattr(row, name) or 0) > 0
    ]
    if not known:
        return None
    values = [
        {"place": place, "label": shown(label), "value": rounded(value), "tip": [[title, amount_text(value)]]}
        for place, (label, value) in enumerate(known[:MOST_ROWS])
    ]
    most, least = max(known, key=lambda pair: pair[1]), min(known, key=lambda pair: pair[1])
    return Chart(
        spec=_spec(values, title, scale, style),
        alternative=f"{title}, of each row: from {amount_text(least[1])} ({shown(least[0])}) to {amount_text(most[1])} "
        f"({shown(most[0])})."
        + (f" {shown(summary.timing_sentence)}" if name in _TIMES and summary.timing.are_several else "")
        + first_rows([label for label, _ in known]),
        headers=("recommender", title),
        lines=tuple((shown(label), amount_text(value)) for label, value in known),
    )


def _log_scale(values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a scale wider than its data, because a logarithmic axis of a single value searches for ticks forever."""
    known = [value["value"] for value in values]
    return {"type": "log", "domain": [min(known) / 1.5, max(known) * 1.5]}


def _spec(values: Sequence[dict[str, Any]], title: str, scale: str, style: Style) -> dict[str, Any]:
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(len(values) * 24),
        "data": {"values": list(values)},
        "encoding": {
            "y": labels_by_place(style, 120, grid=True),
            "x": {
                "field": "value",
                "type": "quantitative",
                "title": title,
                "scale": {"type": "linear", "zero": True} if scale == "linear" else _log_scale(values),
                "axis": {"tickCount": 5, "format": ",.6~g", "labelOverlap": True, "grid": False},
            },
        },
        "layer": [
            {
                "mark": {"type": "circle", "color": style.palette.accent, "size": 80, "opacity": 1},
                "encoding": {"tooltip": TIP},
            }
        ],
    }

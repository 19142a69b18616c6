"""The time of scoring a user and the memory of fitting: a dot for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.axes import log_axis, log_domain, number_axis
from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown, timed_label
from bench.charts.encodings import TIP, names_by_place
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
    names = style.names(shown(label) for label, _ in known[:MOST_ROWS])
    values = [
        {
            "place": place,
            "label": shown(label),
            "name": names[shown(label)],
            "value": rounded(value),
            "tip": [[title, amount_text(value)]],
        }
        for place, (label, value) in enumerate(known[:MOST_ROWS])
    ]
    most, least = max(known, key=lambda pair: pair[1]), min(known, key=lambda pair: pair[1])
    more = first_rows([label for label, _ in known])
    return Chart(
        spec={**_spec(values, title, scale, style), **caption(style, more)},
        alternative=f"{title}, of each row: from {amount_text(least[1])} ({shown(least[0])}) to {amount_text(most[1])} "
        f"({shown(most[0])})."
        + (f" {shown(summary.timing_sentence)}" if name in _TIMES and summary.timing.are_several else "")
        + more,
        headers=("recommender", title),
        lines=tuple((shown(label), amount_text(value)) for label, value in known),
    )


def _spec(values: Sequence[dict[str, Any]], title: str, scale: str, style: Style) -> dict[str, Any]:
    known = [value["value"] for value in values]
    domain = (0.0, max(known)) if scale == "linear" else log_domain(min(known), max(known))
    ticks = number_axis(*domain) if scale == "linear" else log_axis(*domain)
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(len(values) * style.row),
        "data": {"values": list(values)},
        "encoding": {
            "y": names_by_place(style, grid=True),
            "x": {
                "field": "value",
                "type": "quantitative",
                "title": title,
                "scale": {"type": scale, "domain": list(domain), "nice": False},
                "axis": {"grid": False, **ticks},
            },
        },
        "layer": [
            {
                "mark": {"type": "circle", "color": style.palette.accent, "size": 80, "opacity": 1},
                "encoding": {"tooltip": TIP},
            }
        ],
    }

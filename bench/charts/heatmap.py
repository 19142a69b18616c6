"""Accuracy by slices of users: by the activity of the user and the popularity of the held-out item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown
from bench.charts.encodings import coloured_cells, names_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.writing.text import NOTHING, accuracy_text, finite, spread_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analysis.slices import SliceAccuracy
    from bench.charts.style import Style

_TITLES = {"activity": "training interactions of the user", "popularity": "training interactions of the held-out item"}


def heatmap(slices: Sequence[SliceAccuracy], kind: str, mean: str, style: Style) -> Chart | None:
    """Return one kind of slices, ``"activity"`` or ``"popularity"``, by recommender; None if there are none.

    Parameters
    ----------
    slices
        Of all recommenders, in the order of the table.
    mean
        The name of the mean: ``"NDCG@10"``.
    """
    chosen = [each for each in slices if each.kind == kind or (kind == "popularity" and each.kind == "cold")]
    labels = list(dict.fromkeys(each.label for each in chosen))
    spans = list(dict.fromkeys(each.span for each in chosen))
    if not labels or len(spans) < 2:
        return None
    drawn = set(labels[:MOST_ROWS])
    names = style.names(map(shown, labels[:MOST_ROWS]))
    values = [
        _cell(each, labels.index(each.label), names[shown(each.label)], mean) for each in chosen if each.label in drawn
    ]
    by_cell = {(each.label, each.span): each for each in chosen}
    n_users = {each.span: each.n_users for each in chosen}
    more = first_rows(labels)
    return Chart(
        spec={**_spec(values, spans, style), **caption(style, more)},
        alternative=f"{mean} by {_TITLES[kind]}, in slices {', '.join(spans)}.{more}",
        headers=("recommender", *(f"{span} ({n_users[span]:,} users)" for span in spans)),
        lines=tuple((shown(label), *(_text(by_cell.get((label, span))) for span in spans)) for label in labels),
    )


def _text(each: SliceAccuracy | None) -> str:
    if each is None:
        return NOTHING
    return f"{accuracy_text(each.interval.mean)} {spread_text(each.interval.half_width)}".strip()


def _cell(each: SliceAccuracy, place: int, name: str, mean: str) -> dict[str, Any]:
    spread = "" if finite(each.interval.half_width) is None else f" {spread_text(each.interval.half_width)}"
    return {
        "place": place,
        "label": shown(each.label),
        "name": name,
        "span": each.span,
        "mean": rounded(each.interval.mean),
        "text": accuracy_text(each.interval.mean, 3),
        "tip": [
            ["slice", each.span],
            ["users", f"{each.n_users:,}"],
            [mean, f"{accuracy_text(each.interval.mean)}{spread}"],
        ],
    }


def _spec(values: Sequence[dict[str, Any]], spans: Sequence[str], style: Style) -> dict[str, Any]:
    n_rows = len({value["label"] for value in values})
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(n_rows * style.row),
        "data": {"values": list(values)},
        "encoding": {
            "y": names_by_place(style),
            "x": {
                "field": "span",
                "type": "nominal",
                "sort": list(spans),
                "title": None,
                "axis": {"orient": "top", "labelAngle": 0, "labelOverlap": False},
            },
        },
        "layer": [
            coloured_cells("mean", {"range": [0.03, 0.42]}, style),
            {"mark": {"type": "text"}, "encoding": {"text": {"field": "text"}}},
        ],
    }

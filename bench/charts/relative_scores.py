"""Recommenders by datasets: the figure in each cell, coloured by its share of the best figure of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown
from bench.charts.encodings import coloured_cells, labels_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.writing.text import accuracy_text, enumerated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.charts.style import Style
    from bench.studies.comparison import Score, StudyComparison

_CELL, _NAMES = 46, 180
"""Pixels that the figures of a column and the names of the rows need."""

_LONGEST_LEVEL = 8
"""Letters of a name above its column that fit without turning it."""


def relative_scores(found: StudyComparison, style: Style) -> Chart:
    """Return the heat map; a cell without a figure says why."""
    scores = {row.label: row.scores for row in found.rows}
    datasets = [*(column.name for column in found.columns), *found.lost]

    def score_of(label: str, dataset: str) -> Score | None:
        return scores.get(label, {}).get(dataset)

    def text_of(label: str, dataset: str) -> str:
        score = score_of(label, dataset)
        return found.missing_text(label, dataset) if score is None else accuracy_text(score.mean)

    values = [
        {
            "place": place,
            "label": shown(label),
            "column": number,
            "dataset": f"{shown(dataset)}",
            "relative": rounded(score.relative) if score else None,
            "text": accuracy_text(score.mean, 3) if score else text_of(label, dataset),
            "missing": score is None,
            "tip": [[shown(dataset), text_of(label, dataset)]],
        }
        for place, label in enumerate(found.labels[:MOST_ROWS])
        for number, dataset in enumerate(datasets)
        for score in (score_of(label, dataset),)
    ]
    return Chart(
        spec=_spec(values, datasets, style),
        alternative=f"{found.figure.name} of each recommender on {enumerated(list(map(shown, datasets)))}. A stronger "
        "colour means a larger share of the best figure of the dataset." + first_rows(found.labels),
        headers=("recommender", *map(shown, datasets)),
        lines=tuple((shown(label), *(text_of(label, dataset) for dataset in datasets)) for label in found.labels),
    )


def _spec(values: Sequence[dict[str, Any]], datasets: Sequence[str], style: Style) -> dict[str, Any]:
    colours = style.palette
    n_rows = len({value["place"] for value in values})
    size = style.size(n_rows * 24 + 20)
    are_short = all(len(name) <= _LONGEST_LEVEL for name in datasets)
    if style.width is not None:
        size["width"] = max(style.width, _NAMES + _CELL * len(datasets))
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **size,
        "data": {"values": list(values)},
        "encoding": {
            "y": labels_by_place(style, 170),
            "x": {
                "field": "dataset",
                "type": "nominal",
                "sort": {"field": "column"},
                "title": None,
                "axis": {
                    "orient": "top",
                    "labelAngle": 0 if are_short else 30,
                    "labelAlign": "center" if are_short else "right",
                    "labelLimit": 140,
                    "labelOverlap": False,
                },
            },
        },
        "layer": [
            {
                "transform": [{"filter": "!datum.missing"}],
                **coloured_cells("relative", {"domain": [0, 1], "range": [0.03, 0.45], "clamp": True}, style),
            },
            {
                "mark": {"type": "text"},
                "encoding": {
                    "text": {"field": "text"},
                    "color": {"condition": {"test": "datum.missing", "value": colours.muted}, "value": colours.ink},
                },
            },
        ],
    }

"""Recommenders by datasets: the figure in each cell, coloured by its share of the best figure of the dataset."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bench.charts.caption import caption
from bench.charts.chart import MOST_ROWS, Chart, first_rows, rounded, shown
from bench.charts.encodings import coloured_cells, names_by_place
from bench.charts.library import SCHEMA_VEGA_LITE
from bench.writing.text import accuracy_text, count_text, enumerated
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bench.charts.style import Style
    from bench.studies.comparison import Score, StudyComparison

_GAP = 8
"""Pixels between a figure and the next, and between names and cells."""

_TURNED = 30
"""Degrees of the names above the columns where they are wider than these."""

_KEY = "A stronger colour means a larger share of the best figure of the dataset."


def relative_scores(found: StudyComparison, style: Style, only: Container[str] | None = None) -> Chart | None:
    """Return the heat map; a cell without a figure says why. None without rows.

    Parameters
    ----------
    only
        The labels of the rows that are drawn; None for all. The best figure is that of all rows.

    Raises
    ------
    ProtocolError
        If the figures of all datasets do not fit into the width.
    """
    scores = {row.label: row.scores for row in found.rows}
    datasets = [*(column.name for column in found.columns), *found.lost]
    labels = [label for label in found.labels if only is None or label in only]
    if not labels:
        return None

    def score_of(label: str, dataset: str) -> Score | None:
        return scores.get(label, {}).get(dataset)

    def text_of(label: str, dataset: str) -> str:
        score = score_of(label, dataset)
        return found.missing_text(label, dataset) if score is None else accuracy_text(score.mean)

    names = style.names(map(shown, labels[:MOST_ROWS]))
    values = [
        {
            "place": place,
            "label": shown(label),
            "name": names[shown(label)],
            "column": number,
            "relative": rounded(score.relative) if score else None,
            "text": accuracy_text(score.mean, 3) if score else text_of(label, dataset),
            "missing": score is None,
            "tip": [[shown(dataset), text_of(label, dataset)]],
        }
        for place, label in enumerate(labels[:MOST_ROWS])
        for number, dataset in enumerate(datasets)
        for score in (score_of(label, dataset),)
    ]
    more = first_rows(labels)
    return Chart(
        spec={**_spec(values, list(map(shown, datasets)), style), **caption(style, _KEY, more)},
        alternative=f"{found.figure.name} of each recommender on {enumerated(list(map(shown, datasets)))}. "
        f"{_KEY}{more}",
        headers=("recommender", *map(shown, datasets)),
        lines=tuple((shown(label), *(text_of(label, dataset) for dataset in datasets)) for label in labels),
    )


def _cell_width(values: Sequence[dict[str, Any]], n_datasets: int, names_width: float, style: Style) -> float:
    """Return the width of a column in pixels.

    Raises
    ------
    ProtocolError
        If the figures of all columns do not fit.
    """
    needed = style.width_of(value["text"] for value in values) + _GAP
    width = (style.space - names_width) / n_datasets
    if style.width is not None and width < needed:
        least = math.ceil(0.75 * (names_width + needed * n_datasets + style.width - style.space))
        raise ProtocolError(
            f"a heat map of {count_text(n_datasets, 'dataset')} does not fit into {0.75 * style.width:.0f} pt; draw it "
            f"with a width of {least} pt or more (--width {least})"
        )
    return width


def _spec(values: list[dict[str, Any]], datasets: Sequence[str], style: Style) -> dict[str, Any]:
    colours = style.palette
    names_width = style.width_of(value["name"] for value in values) + _GAP
    cell_width = _cell_width(values, len(datasets), names_width, style)
    is_turned = style.width_of(datasets) + _GAP > cell_width
    # A turned name begins above the names of the rows.
    most = (names_width + cell_width / 2) / math.cos(math.radians(_TURNED)) if is_turned else cell_width
    heads = style.names(datasets, most)
    for value in values:
        value["dataset"] = heads[datasets[value["column"]]]
    return {
        "$schema": SCHEMA_VEGA_LITE,
        "config": style.config(),
        **style.size(len({value["place"] for value in values}) * style.row),
        "data": {"values": values},
        "encoding": {
            "y": names_by_place(style),
            "x": {
                "field": "dataset",
                "type": "nominal",
                "sort": {"field": "column"},
                "title": None,
                "axis": {
                    "orient": "top",
                    "labelAngle": _TURNED if is_turned else 0,
                    "labelAlign": "right" if is_turned else "center",
                    "labelLimit": 0,
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

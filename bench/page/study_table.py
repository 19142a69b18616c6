"""Recommenders by datasets as a heat map, with ranks over the datasets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.charts.chart import shown
from bench.page.heat import HeatLine, HeatTable, heat_cell, shade
from bench.tables.study import make_sheet
from bench.writing.sheet import header_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.page.heat import HeatCell
    from bench.studies.comparison import StudyComparison
    from bench.writing.sheet import Line


def study_table(
    found: StudyComparison,
    links: Mapping[str, str],
    *,
    row_links: Mapping[str, str] | None = None,
    signs: Mapping[tuple[str, str], str] | None = None,
) -> HeatTable:
    """Return the table.

    Parameters
    ----------
    links
        By the name of a dataset, where its page is.
    row_links
        By the label of a row, where its page is.
    signs
        By row and dataset, what follows the figure.
    """
    (block,) = make_sheet(found).blocks
    names = [*(column.name for column in found.columns), *found.lost]
    heads = [(shown(name), links.get(name)) for name in names]
    over = [(header_text(*header), None) for header in block.headers[1 + len(names) :]]
    lines = _heat_lines(found, block.lines, names, row_links or {}, signs or {})
    return HeatTable((("recommender", None), *heads, *over), tuple(lines))


def _heat_lines(
    found: StudyComparison,
    lines: Sequence[Line],
    names: Sequence[str],
    row_links: Mapping[str, str],
    signs: Mapping[tuple[str, str], str],
) -> Iterator[HeatLine]:
    scores = {row.label: row.scores for row in found.rows}
    labels = iter(found.labels)
    for line in lines:
        if line.is_head:
            yield HeatLine(shown(line.label), tuple(map(heat_cell, line.cells)), kind="head")
            continue
        label = next(labels)
        of_row = scores.get(label, {})
        kinds = [shade(of_row[name].relative) if name in of_row else "none" for name in names]
        kinds += [""] * (len(line.cells) - len(names))
        cells = list(map(heat_cell, line.cells, kinds))
        for place, name in enumerate(names):
            cells[place] = _signed(cells[place], signs.get((label, name), ""))
        kind = "setting" if line.is_indented else ""
        yield HeatLine(shown(line.label), tuple(cells), kind=kind, link=row_links.get(label))


def _signed(cell: HeatCell, sign: str) -> HeatCell:
    return replace(cell, spread=f"{cell.spread} {sign}".strip()) if sign else cell

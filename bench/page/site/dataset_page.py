"""The page of one dataset: its splits side by side, and for each a table and accuracy against time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.charts.chart import shown
from bench.charts.pareto import pareto
from bench.charts.style import PAGE
from bench.page.assembly import panel, panels_of
from bench.page.heat import HeatCell, HeatLine, HeatTable, shade
from bench.page.several import Tile
from bench.page.site.cells import Cell, Table
from bench.page.site.rows import best_mean, counts_text, kind_of, records_cell, site_page, sources_of
from bench.records.compared import n_compared
from bench.studies.board.standing import KINDS
from bench.tables.results import make_sheet
from bench.tables.subject import DIGEST_DIGITS, caption_of, title_of
from bench.writing.sheet import header_text
from bench.writing.text import NOTHING, accuracy_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.page.site.places import Places
    from bench.studies.board.board import Board, BoardTask
    from bench.writing.sheet import Block


_DETAILS = ("select", "build", "cpu")
"""Columns of times, by their names in a table."""


def dataset_page(board: Board, name: str, places: Places, library: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    name
        What the board calls the dataset.
    places
        As a page in a folder links to them.
    """
    tasks = board.datasets[name]
    shown_tasks = [_shown(number, task, places) for number, task in enumerate(tasks, start=1)]
    return site_page(
        "dataset.html",
        name,
        panels_of(one["pareto"] for one in shown_tasks),
        library=library,
        home=places.index,
        first="Splits",
        links=[
            *((f"split-{number}", shown(task.protocol.title)) for number, task in enumerate(tasks, start=1)),
            ("signs", "Signs"),
        ],
        tiles=list(_tiles(tasks)),
        splits=Table(
            "Splits",
            ("split and rivals", "compared users", "training interactions", "rows", "records", "task"),
            tuple(_split_line(number, task) for number, task in enumerate(tasks, start=1)),
            is_text=True,
        ),
        beside=_beside(tasks, places) if len(tasks) > 1 else None,
        figure=tasks[0].summary.primary,
        tasks=shown_tasks,
        kinds=KINDS[::-1],
    )


def _tiles(tasks: Sequence[BoardTask]) -> Iterator[Tile]:
    facts = tasks[0].task.facts
    yield Tile("Users", f"{facts.n_users:,}", f"{facts.n_interactions / max(facts.n_users, 1):,.1f} interactions each")
    yield Tile("Items", f"{facts.n_items:,}", f"{facts.n_interactions / max(facts.n_items, 1):,.1f} interactions each")
    yield Tile("Interactions", f"{facts.n_interactions:,}", f"{facts.n_duplicates:,} repeated pairs collapsed")


def _split_line(number: int, task: BoardTask) -> tuple[Cell, ...]:
    return (
        Cell(shown(task.protocol.title), f"#split-{number}"),
        Cell(f"{n_compared(task.task, task.summary.primary_view):,}"),
        Cell(f"{task.task.facts.n_train:,}"),
        Cell(f"{len(task.summary.rows):,}"),
        Cell(counts_text(task.entries)),
        Cell(task.task.digest[:DIGEST_DIGITS]),
    )


def _shown(number: int, task: BoardTask, places: Places) -> dict[str, Any]:
    return {
        "title": shown(task.protocol.title),
        "about": shown(title_of(task.summary)),
        "report": places.report(task),
        "table": _table(task, places),
        "marks": shown(caption_of(task.summary)),
        "pareto": panel(f"pareto-{number}", "", pareto(task.summary, PAGE)),
    }


def _table(task: BoardTask, places: Places) -> Table:
    block = _without_details(make_sheet(task.summary).blocks[0])
    rows, lines = iter(task.summary.rows), []
    for line in block.lines:
        if line.is_head:
            lines.append((Cell(shown(line.label)), *(Cell() for _ in line.cells), Cell(), Cell()))
            continue
        row = next(rows)
        figures = [Cell(shown(cell.text), small=cell.spread, is_best=cell.best) for cell in line.cells]
        figures[0] = replace(figures[0], kind=kind_of(task, row))
        label = Cell(shown(line.label), places.recommender(row.recommender.name), small=shown(line.mark))
        lines.append((label, *figures, records_cell(task, row, places), Cell(sources_of(task, row))))
    heads = (*(shown(header_text(*header)) for header in block.headers), "records", "from")
    return Table(shown(task.title), heads, tuple(lines))


def _without_details(block: Block) -> Block:
    """Return a block without the columns that the full report alone has room for."""
    return block.part([place for place, (name, _) in enumerate(block.headers) if place and name not in _DETAILS])


def _beside(tasks: Sequence[BoardTask], places: Places) -> HeatTable:
    """Return the rows of all splits, in the order of the first split that has them, with the figure of each."""
    rows = [{row.label: row for row in task.summary.rows} for task in tasks]
    recommenders = {label: row.recommender.name for found in rows for label, row in found.items()}
    best = list(map(best_mean, tasks))

    def cell(label: str, place: int) -> HeatCell:
        task, row = tasks[place], rows[place].get(label)
        interval = None if row is None else row.accuracy.get(task.summary.primary)
        if row is None or interval is None:
            return HeatCell("failed" if row is not None and row.failed else NOTHING, kind="none")
        share = interval.mean / best[place] if best[place] else None
        return HeatCell(accuracy_text(interval.mean), kind_of(task, row).sign, kind=shade(share))

    return HeatTable(
        (
            ("recommender", None),
            *((shown(task.protocol.title), f"#split-{number}") for number, task in enumerate(tasks, start=1)),
        ),
        tuple(
            HeatLine(
                shown(label), tuple(cell(label, place) for place in range(len(tasks))), link=places.recommender(name)
            )
            for label, name in recommenders.items()
        ),
    )

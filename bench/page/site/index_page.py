"""The page over a whole board: what was measured, ranks over datasets, accuracy against time, and the search."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bench.charts.chart import shown
from bench.charts.pareto import pareto
from bench.charts.study_ranks import study_ranks
from bench.charts.study_time import study_time
from bench.charts.style import PAGE
from bench.page.assembly import panel, panels_of
from bench.page.several import Tile
from bench.page.site.cells import Cell, Table
from bench.page.site.places import Places
from bench.page.site.rows import counts_text, figure_cell, kind_of, places_in, rows_in_order, site_page
from bench.page.site.search import search_index
from bench.page.study_table import study_table
from bench.records.compared import n_compared
from bench.studies.board.standing import AGAIN, CHECKED, KINDS, weakest
from bench.tables.study import caption_of
from bench.writing.text import NOTHING, count_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.studies.board.board import Board, BoardComparison, BoardTask
    from bench.studies.board.entries import Entry

MOST_PANELS = 8
"""Charts of accuracy against time of single tasks on this page; the pages of the datasets have all."""

_MOST_LINKED = 3


def index_page(board: Board, library: str) -> str:
    """Return the page as HTML: a pure function of the board."""
    places = Places(board)
    drawn = [
        found
        for number, task in enumerate(board.tasks, start=1)
        if (found := panel(f"pareto-{number}", shown(task.title), pareto(task.summary, PAGE)))
    ]
    comparisons = [_compared(number, each, places) for number, each in enumerate(board.comparisons, start=1)]
    return site_page(
        "index.html",
        _title(board),
        panels_of([drawn[:MOST_PANELS], *(one[name] for one in comparisons for name in ("ranks", "time"))]),
        library=library,
        data={"index": list(search_index(board, places))},
        first="Datasets",
        links=list(_links(comparisons, has_panels=bool(drawn), has_open=any(_needs_a_reason(board)))),
        tiles=list(_tiles(board)),
        tasks=Table(
            "Datasets and splits",
            ("dataset", "split and rivals", "users", "items", "interactions", "best", "rows", "records"),
            tuple(_task_line(task, places) for task in board.tasks),
            is_text=True,
        ),
        comparisons=comparisons,
        panels=drawn[:MOST_PANELS],
        n_more_panels=max(0, len(drawn) - MOST_PANELS),
        recommenders=Table(
            "Recommenders",
            ("recommender", "datasets", "best of", "records"),
            tuple(_recommender_line(board, name, places) for name in board.recommenders),
            is_text=True,
        ),
        open=_open_table(board, places),
        kinds=KINDS[::-1],
        notes=list(_notes(board)),
    )


def _title(board: Board) -> str:
    recommenders, datasets = count_text(len(board.recommenders), "recommender"), len(board.datasets)
    return f"{recommenders} on {count_text(datasets, 'dataset')}"


def _links(comparisons: list[dict[str, Any]], *, has_panels: bool, has_open: bool) -> Iterator[tuple[str, str]]:
    if comparisons:
        yield "ranks-1", "Ranks"
    if has_panels:
        yield "cost-of-accuracy", "Accuracy and time"
    yield "recommenders", "Recommenders"
    if has_open:
        yield "not-verified", "Not verified"
    yield "signs", "Signs"


def _tiles(board: Board) -> Iterator[Tile]:
    kinds = [entry.standing.kind for entry in board.entries]
    n_sure = sum(kind in (CHECKED, AGAIN) for kind in kinds)
    splits = count_text(len(board.tasks), "split")
    yield Tile("Datasets", f"{len(board.datasets):,}", f"{splits} in all")
    yield Tile("Recommenders", f"{len(board.recommenders):,}", "each with a page of its own")
    yield Tile("Records", f"{len(kinds):,}", f"of {count_text(len({each.source for each in board.entries}), 'folder')}")
    again = f", {kinds.count(AGAIN):,} of them made again here" if AGAIN in kinds else ""
    yield Tile("Checked", f"{n_sure:,}", f"of {len(kinds):,}{again}")


def _task_line(task: BoardTask, places: Places) -> tuple[Cell, ...]:
    facts, summary = task.task.facts, task.summary
    best = next(iter(rows_in_order(task)), None)
    figure = Cell(NOTHING) if best is None else figure_cell(best, summary.primary, kind_of(task, best))
    return (
        Cell(shown(task.dataset), places.dataset(task.dataset)),
        Cell(shown(task.protocol.title)),
        Cell(f"{n_compared(task.task, summary.primary_view):,}"),
        Cell(f"{facts.n_items:,}"),
        Cell(f"{facts.n_interactions:,}"),
        Cell(
            shown(best.label) if best else NOTHING,
            small=f"{figure.text} {figure.small}".strip() if best else "",
            kind=figure.kind,
        ),
        Cell(f"{len(summary.rows):,}"),
        Cell(counts_text(task.entries)),
    )


def _compared(number: int, one: BoardComparison, places: Places) -> dict[str, Any]:
    found = one.comparison
    signs = {
        (label, column.name): weakest(entry.standing for entry in one.tasks[column.name].entries_of(row.records)).sign
        for column in found.columns
        for label, row in column.rows.items()
    }
    return {
        "title": shown(one.protocol.title),
        "figure": found.figure.name,
        "table": study_table(
            found,
            {name: places.dataset(name) for name in one.tasks},
            row_links={label: places.recommender(found.recommender_of(label).name) for label in found.labels},
            signs=signs,
        ),
        "marks": shown(caption_of(found)),
        "ranks": panel(f"ranks-{number}", "", study_ranks(found, PAGE)),
        "time": panel(f"time-{number}", "", study_time(found, PAGE)),
    }


def _recommender_line(board: Board, name: str, places: Places) -> tuple[Cell, ...]:
    entries = board.recommenders[name]
    tasks = {task.task.digest: task for entry in entries if (task := board.task_of(entry))}
    firsts = [
        task
        for task in tasks.values()
        if any(row.recommender.name == name and places_in(task).get(row.label) == 1 for row in task.summary.rows)
    ]
    return (
        Cell(shown(name), places.recommender(name)),
        Cell(f"{len({task.dataset for task in tasks.values()}):,}"),
        Cell(f"{len(firsts):,} of {count_text(len(tasks), 'split')}"),
        Cell(counts_text(entries)),
    )


def _needs_a_reason(board: Board) -> Iterator[Entry]:
    """Yield the entries of which less is claimed than could be, or that could not be made again."""
    return (entry for entry in board.entries if entry.standing.reasons)


def _open_table(board: Board, places: Places) -> Table | None:
    """Return the entries that say why no more is claimed of them; those of one folder and one reason share a line."""
    alike: dict[tuple[Any, ...], list[Entry]] = defaultdict(list)
    for entry in _needs_a_reason(board):
        alike[entry.source, entry.standing].append(entry)
    if not alike:
        return None
    order = sorted(alike, key=lambda each: (KINDS.index(each[1].kind), each[0]))
    return Table(
        "Records that are not verified, and why",
        ("folder", "records", "standing", "why"),
        tuple(
            (
                Cell(shown(source)),
                _linked_records(alike[source, standing], places),
                Cell(standing.kind.words, kind=standing.kind),
                Cell("; ".join(map(shown, standing.reasons))),
            )
            for source, standing in order
        ),
        is_text=True,
    )


def _linked_records(entries: list[Entry], places: Places) -> Cell:
    links = tuple((shown(entry.title), places.record(entry)) for entry in entries[:_MOST_LINKED])
    such = f"{count_text(len(entries), 'record')}, such as" if len(entries) > _MOST_LINKED else ""
    return Cell(such, links=links)


def _notes(board: Board) -> Iterator[str]:
    yield (
        "recbench protects against mistakes and finds what was changed, not malice: plausible ranks that someone "
        "invented are exposed only by fitting again."
    )
    yield "The page of each record says why no more is claimed of it, and has the commands that check it."
    n_twice = sum(len(task.entries) - len(task.counted) for task in board.tasks)
    if n_twice:
        yield (
            f"{count_text(n_twice, 'record')} of jobs that another folder has, too: of each job one record counts, the "
            "one of which most is claimed, and of equal ones the first."
        )
    if board.comparisons:
        yield (
            "Ranks over datasets have one row of each name on each dataset: that with most training seeds, of equal "
            "ones that of which most is claimed, then the first. The pages of the datasets have all. Of data with one "
            "name, such as a dataset filtered in two ways, those with most records count."
        )
    if board.n_trials:
        yield f"{count_text(board.n_trials, 'record')} of searches for parameters are left out."

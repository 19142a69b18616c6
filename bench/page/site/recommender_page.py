"""The page of one recommender: a line for each of its rows, on every dataset and split, and what ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.charts.chart import shown
from bench.names import value_name
from bench.page.site.cells import Cell, Table
from bench.page.site.rows import figure_cell, kind_of, places_in, records_cell, share_text, site_page, sources_of
from bench.studies.board.standing import KINDS
from bench.writing.text import NOTHING, amount_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.analysis.rows import Row
    from bench.page.site.places import Places
    from bench.studies.board.board import Board, BoardTask


def recommender_page(board: Board, name: str, places: Places) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    places
        As a page in a folder links to them.
    """
    lines = [
        _line(task, row, places) for task in board.tasks for row in task.summary.rows if row.recommender.name == name
    ]
    return site_page(
        "recommender.html",
        name,
        (),
        library="",
        home=places.index,
        first="Results",
        links=[("about", "What ran"), ("signs", "Signs")],
        results=Table(
            "Results",
            (
                "dataset",
                "split and rivals",
                "row",
                "NDCG@10",
                "HR@10",
                "place",
                "of the best",
                "fit s",
                "records",
                "from",
            ),
            tuple(lines),
            is_text=True,
        ),
        facts=list(_facts(board, name)),
        kinds=KINDS[::-1],
    )


def _line(task: BoardTask, row: Row, places: Places) -> tuple[Cell, ...]:
    summary = task.summary
    ranked = places_in(task)
    # Where all items are ranked, the figures are those of the full ranking, as the split says.
    hits = value_name(summary.primary_view, "HR", summary.ks[0])
    place = f"{ranked[row.label]} of {len(ranked)}" if row.label in ranked else NOTHING
    return (
        Cell(shown(task.dataset), places.dataset(task.dataset)),
        Cell(shown(task.protocol.title)),
        Cell(shown(row.label), small="(suspicious)" if summary.is_suspicious(row) else ""),
        figure_cell(row, summary.primary, kind_of(task, row)),
        figure_cell(row, hits),
        Cell(place),
        Cell(share_text(task, row)),
        Cell(amount_text(row.fit_seconds), small=summary.timing.mark(row.records)),
        records_cell(task, row, places),
        Cell(sources_of(task, row)),
    )


def _facts(board: Board, name: str) -> Iterator[tuple[str, str]]:
    """Yield what is known of the code, each different text once."""
    found = [entry.record for entry in board.recommenders[name] if entry.record is not None]
    told = {
        "class": (record.recommender.reference for record in found),
        "origin": (record.recommender.origin for record in found),
        "source": (record.recommender.source_sha256 for record in found),
        "made of": (
            ", ".join(f"{library} {version}" for library, version in record.recommender.libraries.items())
            for record in found
        ),
        "machines": (record.environment.cpu or "" for record in found),
        "folders": (entry.source for entry in board.recommenders[name]),
    }
    for keyword, texts in told.items():
        distinct = sorted(set(filter(None, texts)))
        if distinct:
            yield keyword, "; ".join(map(shown, distinct))

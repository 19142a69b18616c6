"""All pages of a board, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.page.page import page
from bench.page.site.dataset_page import dataset_page
from bench.page.site.index_page import index_page
from bench.page.site.places import Places
from bench.page.site.recommender_page import recommender_page
from bench.page.site.record_page import record_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.studies.board.board import Board


def pages_of(board: Board, library: str) -> Iterator[tuple[str, str]]:
    """Yield each page of a board: its place, relative to the index, and its text.

    The pages are a pure function of the board, without the time or the place where they are made.

    Parameters
    ----------
    library
        The script of the drawing library (see `bench.charts.library.javascript`).

    Raises
    ------
    RecbenchError
        If the extra ``report`` is not installed.
    """
    places = Places(board)
    inside = places.inside
    yield places.index, index_page(board, library)
    for name in board.datasets:
        yield places.dataset(name), dataset_page(board, name, inside, library)
    for task in board.tasks:
        yield places.report(task), page(task.records_with_lists(), library=library, home=inside.index)
    for name in board.recommenders:
        yield places.recommender(name), recommender_page(board, name, inside)
    for entry in board.entries:
        yield places.record(entry), record_page(board, entry, inside)

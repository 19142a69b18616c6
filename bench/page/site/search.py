"""The index that the search of a board reads: a title, a place and words for each page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.charts.chart import shown, shown_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.page.site.places import Places
    from bench.studies.board.board import Board
    from bench.studies.board.entries import Entry

    Indexed = tuple[str, str, str, str]
    """What kind of page it is, its title, its place, and the words in small letters that find it."""


def search_index(board: Board, places: Places) -> Iterator[Indexed]:
    """Yield an entry for each page: datasets, then recommenders, then records."""
    for name, tasks in board.datasets.items():
        yield _indexed("dataset", name, places.dataset(name), *(task.protocol.title for task in tasks))
    for name, entries in board.recommenders.items():
        references = {entry.record.recommender.reference for entry in entries if entry.record}
        yield _indexed("recommender", name, places.recommender(name), *sorted(references))
    for entry in board.entries:
        yield _of_record(board, entry, places)


def _of_record(board: Board, entry: Entry, places: Places) -> Indexed:
    task, words = board.task_of(entry), [entry.name, entry.source, entry.standing.kind.words]
    if entry.record is not None:
        words += [entry.record.recommender.name, shown_parameters(entry.record.recommender.parameters)]
        words += [entry.record.task.dataset]
    title = f"{entry.title}, on {task.title}" if task else f"{entry.title}, of {entry.source}"
    return _indexed("record", title, places.record(entry), *words)


def _indexed(kind: str, title: str, place: str, *words: str) -> Indexed:
    return kind, shown(title), place, shown(" ".join((kind, title, *words))).lower()

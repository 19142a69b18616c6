"""The page of one record: how far it could be verified and why, its figures, where it is from, and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import to_builtins

from bench.analysis.shown_record import ShownRecord
from bench.charts.chart import shown
from bench.names import CUTOFF, value_name
from bench.page.site.cells import Cell, Table
from bench.page.site.rows import site_page
from bench.records.manifest import RECORDS
from bench.tables.record_facts import SECTIONS
from bench.writing.quoting import shell_text
from bench.writing.text import accuracy_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.page.site.places import Places
    from bench.records.record import Record
    from bench.studies.board.board import Board
    from bench.studies.board.entries import Entry

_STORED = "Stored"
"""The section of facts that `_provenance` has in its place."""


def record_page(board: Board, entry: Entry, places: Places) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    places
        As a page in a folder links to them.
    """
    record, standing = entry.record, entry.standing
    one = None if record is None else ShownRecord(record.recommender.row_name, record, _folder(entry))
    failure = None if record is None or record.failure is None else record.failure
    return site_page(
        "record.html",
        entry.title if record is None else f"{entry.title}, on {record.task.dataset}",
        (),
        library="",
        home=places.index,
        first="Figures",
        links=[("provenance", "Where it is from"), ("again", "Check it yourself")],
        kind=standing.kind,
        counts=standing.counts,
        reasons=list(map(shown, standing.reasons)),
        failure=None if failure is None else shown(f"{failure.kind}: {failure.message}"),
        figures=None if one is None or failure else _figures(one),
        related=list(_related(board, entry, places)),
        provenance=list(_provenance(entry)),
        sections=[] if one is None else list(_sections(one)),
        source=shown(entry.source),
        commands=list(_commands(entry)),
    )


def _folder(entry: Entry) -> Path:
    return Path(entry.source) / RECORDS / entry.name


def _figures(one: ShownRecord) -> Table:
    return Table(
        "Figures",
        ("mean over users", "figure", "95 % interval"),
        tuple(
            (
                Cell(value_name(view, metric, CUTOFF)),
                Cell(accuracy_text(each.mean)),
                Cell(f"{accuracy_text(each.low)} to {accuracy_text(each.high)}"),
            )
            for view, means in one.accuracy.items()
            for metric, each in means.items()
        ),
    )


def _related(board: Board, entry: Entry, places: Places) -> Iterator[tuple[str, str]]:
    task = board.task_of(entry)
    if task is None or entry.record is None:
        return
    yield shown(task.dataset), places.dataset(task.dataset)
    yield shown(entry.record.recommender.name), places.recommender(entry.record.recommender.name)
    for other in task.entries:
        if other is not entry and other.record is not None and other.record.key == entry.record.key:
            yield f"the same job, of {shown(other.source)}", places.record(other)


def _provenance(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "from", shown(entry.source)
    yield "record", shown(entry.name)
    if entry.record is not None:
        yield from ((keyword, shown(text)) for keyword, text in _stated(entry.record))


def _stated(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what the record says of itself and its task."""
    yield "key", record.key
    yield "seal", record.contents.seal or "none, as in records of an earlier recbench"
    for name, digest in record.contents.files.items():
        yield name, digest
    yield "task", record.task.digest
    for name, part in to_builtins(record.task.parts).items():
        yield name.replace("_", " "), str(part)
    if record.options:
        yield "options", ", ".join(f"{name} {value}" for name, value in record.options.items())


def _sections(one: ShownRecord) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for title, facts in SECTIONS.items():
        found = [(shown(keyword), shown(text)) for keyword, text in facts(one)] if title != _STORED else []
        if found:
            yield title, found


def _commands(entry: Entry) -> Iterator[str]:
    yield shell_text(("recbench", "verify", entry.source))
    record = entry.record
    plugin = ["--plugin", record.recommender.reference] if record and record.recommender.origin == "file" else []
    yield shell_text(("recbench", "reproduce", _folder(entry).as_posix(), *plugin))

"""What several pages of a board say of a row: how far it was verified, its figures, and links to its records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.charts.chart import shown
from bench.page.assembly import assemble
from bench.page.site.cells import Cell
from bench.studies.board.standing import KINDS, weakest
from bench.writing.text import NOTHING, accuracy_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.rows import Row
    from bench.page.assembly import Panel
    from bench.page.site.places import Places
    from bench.studies.board.board import BoardTask
    from bench.studies.board.entries import Entry
    from bench.studies.board.standing import Kind

_STYLES = ("report.css", "several.css", "site/site.css")


def site_page(
    template: str,
    title: str,
    drawn: Iterable[Panel],
    *,
    library: str,
    data: dict[str, Any] | None = None,
    **values: Any,
) -> str:
    """Return a page of a board as HTML.

    Parameters
    ----------
    template
        A file in this folder.
    drawn
        The charts; a page without any does not get the drawing library.
    data
        What the script reads beside the charts.
    """
    charts = {each.name: each.chart.spec for each in drawn}
    return assemble(
        f"site/{template}",
        _STYLES,
        "site/site.js",
        {"charts": charts, **(data or {})},
        library=library if charts else "",
        title=shown(title),
        head=shown(title),
        command="site",
        **values,
    )


def kind_of(task: BoardTask, row: Row) -> Kind:
    """Return how far a row was verified: as far as the weakest of its records."""
    return weakest(entry.standing for entry in task.entries_of(row.every_record))


def records_cell(task: BoardTask, row: Row, places: Places) -> Cell:
    """Return how far a row was verified, with a link to each of its records, called by its training seed."""
    entries = sorted(
        (entry.record.seed, places.record(entry)) for entry in task.entries_of(row.every_record) if entry.record
    )
    kind = kind_of(task, row)
    return Cell(kind.words, kind=kind, small="seeds" if len(entries) > 1 else "seed", links=_numbered(entries))


def _numbered(entries: Iterable[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(seed), place) for seed, place in entries)


def sources_of(task: BoardTask, row: Row) -> str:
    """Return the folders that the records of a row are from."""
    return shown(", ".join(dict.fromkeys(entry.source for entry in task.entries_of(row.every_record))))


def figure_cell(row: Row, name: str, kind: Kind | None = None, *, is_best: bool = False) -> Cell:
    """Return a mean of a row with half of its interval, and the sign of its kind; nothing where it has none."""
    interval = row.accuracy.get(name)
    if interval is None:
        return Cell("failed" if row.failed else NOTHING)
    return Cell(accuracy_text(interval.mean), small=spread_text(interval.half_width), kind=kind, is_best=is_best)


def counts_text(entries: Iterable[Entry]) -> str:
    """Return how many entries have which standing, the strongest first: ``5 ✓, 1 ?``."""
    number = Counter(entry.standing.kind for entry in entries)
    return ", ".join(f"{number[kind]:,} {kind.sign}" for kind in reversed(KINDS) if number[kind])


def rows_in_order(task: BoardTask) -> list[Row]:
    """Return the rows with the figure that sorts them, the best first, without suspicious ones."""
    summary = task.summary
    return [row for row in summary.rows if summary.primary in row.accuracy and not summary.is_suspicious(row)]


def places_in(task: BoardTask) -> dict[str, int]:
    """Return the place of each row by the figure that sorts the rows, from 1; equal figures share the better place.

    Suspicious rows have none.
    """
    name = task.summary.primary
    means = {row.label: row.accuracy[name].mean for row in rows_in_order(task)}
    return {label: 1 + sum(other > mean for other in means.values()) for label, mean in means.items()}


def best_mean(task: BoardTask) -> float:
    """Return the best figure of the rows that are not suspicious; 0 where there is none."""
    return max((row.accuracy[task.summary.primary].mean for row in rows_in_order(task)), default=0.0)


def share_text(task: BoardTask, row: Row) -> str:
    """Return a row's figure as a share of the best one of its task, in percent."""
    best, interval = best_mean(task), row.accuracy.get(task.summary.primary)
    return NOTHING if interval is None or not best else f"{interval.mean / best:.1%}"

"""What the pages over several datasets and over several splits share: tiles, a table, a page for each, and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.charts.chart import shown
from bench.charts.library import javascript
from bench.page.assembly import assemble, panels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.page.heat import HeatTable

MEMBERS, NOTES = "members", ("protocol", "Notes")
"""Places of sections that each of these pages has; for the notes with their name."""


@dataclass(frozen=True)
class Tile:
    """A value at the top of a page."""

    name: str
    value: str
    detail: str


@dataclass(frozen=True)
class Member:
    """A dataset or a split: its name, its own page if there is one, facts, and the first digits of its task."""

    name: str
    link: str | None
    cells: tuple[str, ...]
    task: str


@dataclass(frozen=True)
class Members:
    """All datasets or splits: the heads of their facts, a line each, and those without data with the reason."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[Member, ...]
    lost: tuple[tuple[str, str], ...] = ()


def page_over(
    template: str,
    sections: Mapping[str, Any],
    *,
    title: str,
    head: str,
    links: Iterable[tuple[str, str]],
    tiles: Iterable[Tile],
    table: HeatTable,
    members: Members,
    notes: Iterable[tuple[str, str]],
    library: str | None,
    **values: Any,
) -> str:
    """Return a page over several datasets or splits, as HTML.

    Parameters
    ----------
    template
        A file that extends ``several.html``.
    sections
        The charts by name (see `bench.page.assembly.panels_of`).
    links
        Places and names of the sections of its own.
    notes
        Keywords and texts.
    library
        The script of the drawing library; by default `bench.charts.library.javascript`.

    Raises
    ------
    RecbenchError
        If the extra ``report`` is not installed.
    """
    shown_notes: Sequence[tuple[str, str]] = [(keyword, shown(text)) for keyword, text in notes]
    return assemble(
        template,
        ["report.css", "several.css"],
        "several.js",
        {"charts": {each.name: each.chart.spec for each in panels_of(sections.values())}},
        library=javascript() if library is None else library,
        title=title,
        head=head,
        links=[*links, (MEMBERS, members.title), NOTES],
        tiles=list(tiles),
        table=table,
        members=members,
        notes=shown_notes,
        **sections,
        **values,
    )

"""Tables whose cells may be links, and carry the sign of how far a figure could be verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.studies.board.standing import Kind


_SHORT, _LONG = 14, 24
"""Letters."""


@dataclass(frozen=True)
class Cell:
    """A cell.

    Parameters
    ----------
    link
        What its text leads to.
    small
        What follows the text.
    is_best
        Whether it is the best of its column.
    kind
        Whose sign it has.
    links
        Texts and places of further links.
    """

    text: str = ""
    link: str | None = None
    small: str = ""
    is_best: bool = False
    kind: Kind | None = None
    links: tuple[tuple[str, str], ...] = ()

    @property
    def width(self) -> str:
        """Its class in the style: ``short`` for what is not broken, ``long`` for what needs room, or nothing."""
        length = len(f"{self.text} {self.small}") + sum(len(text) for text, _ in self.links)
        return "short" if length <= _SHORT else "long" if length > _LONG else ""


@dataclass(frozen=True)
class Table:
    """A table: the heads of its columns, and lines; the first cell of a line names it.

    Parameters
    ----------
    about
        What it shows, for readers who cannot see it.
    is_text
        Whether its cells are texts, and not figures.
    """

    about: str
    heads: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    is_text: bool = False

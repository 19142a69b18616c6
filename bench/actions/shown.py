"""Answers that show themselves as a table: in a terminal, in a notebook, as text of any format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from bench.writing.screen import screen_width

if TYPE_CHECKING:
    import pandas as pd

    from bench.names import Format


class Shown(ABC):
    """An answer that shows itself as a table.

    ``str`` gives it with all columns, ``repr`` as wide as the terminal, and a notebook shows it as HTML.
    """

    @abstractmethod
    def render(
        self, form: Format = "terminal", *, styled: bool = False, width: int | None = None, brief: bool = False
    ) -> str:
        """Return the table as text, ending in a newline.

        Parameters
        ----------
        form
            One of `bench.names.FORMATS`; ``csv`` and ``json`` carry every figure, unrounded.
        styled
            Whether to use a terminal's bold type.
        width
            Of the terminal, in columns; None for all columns of the table.
        brief
            Whether a terminal shows a few sentences in place of the notes, where there are such sentences.

        Raises
        ------
        ProtocolError
            If the format is unknown.
        """

    def in_brief(self, width: int | None = None) -> str:
        """Return the table for a terminal of this width, where it can with a few sentences in place of its notes."""
        return self.render(width=width, brief=True)

    @property
    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The table as a data frame, unrounded."""

    def __str__(self) -> str:
        return self.in_brief().rstrip("\n")

    def __repr__(self) -> str:
        return self.in_brief(screen_width()).rstrip("\n")

    def _repr_html_(self) -> str:
        return self.render("html-fragment")

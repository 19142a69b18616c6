"""The origin of values, so that an error can name a row, and a table can say how they were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocol.data.reading import Reading


@dataclass(frozen=True)
class Origin:
    """A file, and how its rows are counted ("line" from 2 after a header).

    Parameters
    ----------
    reading
        How the file was read, as far as its reader knows: form, header, quotes and columns. None if that is fixed.
    """

    file: str
    unit: str
    first: int
    reading: Reading | None = None

    def row(self, index: int) -> str:
        """Return the place of a row: ``"ratings.csv, line 2"``."""
        return f"{self.file}, {self.unit} {self.first + index:,}"

"""The origin of values, so that an error can name a row, and a table can say how they were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from protocol.data.reading import Reading


@dataclass(frozen=True)
class Origin:
    """A file, and how its rows are counted ("line" from 2 after a header).

    Parameters
    ----------
    reading
        How the file was read, as far as its reader knows: form, header, quotes and columns. None if that is fixed.
    rows
        The rows that were kept, ``(n_rows,)``, counted from 0; None if that is all of them.
    """

    file: str
    unit: str
    first: int
    reading: Reading | None = None
    rows: npt.NDArray[np.intp] | None = field(default=None, compare=False)

    def row(self, index: int) -> str:
        """Return the place of a row: ``"ratings.csv, line 2"``."""
        place = index if self.rows is None else int(self.rows[index])
        return f"{self.file}, {self.unit} {self.first + place:,}"

"""The lines of a text file, as rows: read with and without quotation marks around fields."""

from __future__ import annotations

import csv
import io
import re
from functools import cached_property
from typing import TYPE_CHECKING

from protocol.data.excerpts import quoted_excerpt
from protocol.data.quotes import csv_rows
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from protocol.data.layout import Layout

    Row: TypeAlias = tuple[int, str, int]
    """The number of a row's last line, its text, and the number of its columns."""

_STRAY_RETURN = re.compile(rb"\r(?!\n|\Z)")
_BEGINS_LIKE_A_NUMBER = re.compile(r'[\s"+-]*[0-9]')

RETURN_INSIDE = (
    "there is a carriage return inside the line; expected it only at the end of lines: remove it, or put the field "
    "into quotation marks"
)
PLAIN_MARKS = "If the marks are part of the text, put tabs between the fields: beside tabs they are taken as text"
_CSV_FAULTS = {
    "new-line": RETURN_INSIDE,
    "end of data": "the file ends inside quotation marks; is a closing quote missing? If not, the file was cut short: "
    f"get it again. {PLAIN_MARKS}",
    "expected after": "there is text after a closing quotation mark; write a mark that is part of a field twice, "
    f"inside a field in quotation marks. {PLAIN_MARKS}",
}
"""What Python's csv module finds, by words of its messages."""


class Lines:
    """The lines of a text file.

    Parameters
    ----------
    content
        The table, the header included, with `Layout.mark` between fields.
    n_above
        The number of the file's lines above it.
    """

    def __init__(self, path: Path, content: bytes, layout: Layout, n_above: int = 0) -> None:
        self._path, self._content, self._layout, self._n_above = path, content, layout, n_above
        self.mark = layout.mark.encode()
        # Many programs put only the header into quotes.
        self._begin = content.find(b"\n") + 1 if layout.has_header and b'"' in content else 0
        n_header = int(bool(self._begin))
        self._n_before = n_above + n_header
        self.n_lines = content.count(b"\n") + (not content.endswith(b"\n")) - n_header
        self.have_quotes = content.find(b'"', self._begin) >= 0

    @cached_property
    def body(self) -> bytes:
        """The content, without the header if there are quotation marks anywhere."""
        return self._content[self._begin :] if self._begin else self._content

    def n_plain_rows(self) -> int:
        """Return the number of rows of the body if quotation marks are part of the text.

        Raises
        ------
        DatasetError
            If a row has too few or too many columns, or a carriage return inside.
        """
        if b"\r" in self._content and (stray := _STRAY_RETURN.search(self._content)):
            number = self._content.count(b"\n", 0, stray.start()) + self._n_above + 1
            raise DatasetError(f"{self._path}, line {number:,}: {RETURN_INSIDE}")
        return self.n_lines if self._is_grid() else self._n_rows(self._plain_rows())

    def n_quoted_rows(self, *, strict: bool = True) -> int:
        """Return the number of rows of the body if quotation marks are around fields.

        Parameters
        ----------
        strict
            Whether text after a closing mark, and a mark that is never closed, are errors.

        Raises
        ------
        DatasetError
            If a row has too few or too many columns, or a mark is wrong; if rows may be lost in a field.
        """
        return self._n_rows(self._quoted_rows(strict=strict))

    def _is_grid(self) -> bool:
        """Return whether each line has all columns, found out by comparing whole blocks of bytes."""
        others = bytes(set(range(256)) - {*self.mark, *b"\n"})
        # Of the whole content, because `body` may be a copy of all but the header.
        n_header = len(self._content[: self._begin].translate(None, others))
        marks = self._content.translate(None, others)[n_header:]
        row = self.mark * (self._layout.n_fields - 1) + b"\n"
        return marks.removesuffix(b"\n") + b"\n" == row * self.n_lines

    def _plain_rows(self) -> Iterator[Row]:
        for number, line in enumerate(io.BytesIO(self.body), 1 + self._n_before):
            yield number, line.decode(errors="replace"), line.count(self.mark) + 1

    def _quoted_rows(self, *, strict: bool) -> Iterator[Row]:
        taken: list[str] = []
        number = self._n_before

        def remembered() -> Iterator[str]:
            nonlocal number
            for line in io.TextIOWrapper(io.BytesIO(self.body), "utf-8", errors="replace", newline="\n"):
                number += 1
                taken.append(line)
                yield line

        try:
            for fields in csv_rows(remembered(), self._layout.mark, strict=strict):
                if len(taken) > 1 and self._is_row(taken[0]) and self._is_row(taken[-1]):
                    raise self._lost(number - len(taken) + 1, len(taken))
                taken.clear()
                yield number, self._layout.mark.join(fields), len(fields)
        except csv.Error as error:
            fault = next((words for part, words in _CSV_FAULTS.items() if part in str(error)), str(error))
            raise DatasetError(f"{self._path}, line {number:,}: {fault}") from error

    def _is_row(self, line: str) -> bool:
        """Return whether a line alone would be a row: it has all columns, and a number where one is wanted."""
        fields = line.rstrip("\r\n").split(self._layout.mark)
        place = self._layout.positions.get("timestamp", self._layout.positions.get("rating", 0))
        return len(fields) == self._layout.n_fields and _BEGINS_LIKE_A_NUMBER.match(fields[place]) is not None

    def _n_rows(self, rows: Iterable[Row]) -> int:
        n_rows = 0
        for number, text, n_fields in rows:
            if not text.strip():
                continue
            n_rows += 1
            if n_fields != self._layout.n_fields:
                raise self._misfit(number, text, n_fields)
        return n_rows

    def _misfit(self, number: int, text: str, n_fields: int) -> DatasetError:
        expected, is_last = self._layout.n_fields, number >= self.n_lines + self._n_before
        where = "its last line" if is_last else f"line {number:,}"
        cut_short = is_last and n_fields < expected
        advice = "the file was cut short: get it again" if cut_short else "mend or remove it"
        if self.have_quotes:
            advice += ", unless it is a quote that is never closed"
        shown = text.strip("\r\n").replace(self._layout.mark, self._layout.delimiter)
        return DatasetError(
            f"{self._path}: {where}, {quoted_excerpt(shown)}, has {n_fields:,} column{'s' * (n_fields != 1)}, expected "
            f"{expected:,}; {advice}"
        )

    def _lost(self, number: int, n_lines: int) -> DatasetError:
        return DatasetError(
            f"{self._path}, line {number:,}: a quotation mark opens a field that goes on for {n_lines:,} lines, of "
            "which the first and the last look like rows of their own; is a closing quote missing? Remove the marks, "
            f"or write each twice, inside a field in quotation marks. {PLAIN_MARKS}"
        )

"""The rows of a text file: each has all columns, and none is lost inside quotation marks."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.data.excerpts import quoted_excerpt
from protocol.data.quotes import are_around_fields, csv_rows
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TypeAlias

    from protocol.data.layout import Layout

    Line: TypeAlias = tuple[int, str, int]
    """The number of a row's last line, its text, and the number of its columns."""

_STRAY_RETURN = re.compile(rb"\r(?!\n|\Z)")
_BEGINS_LIKE_A_NUMBER = re.compile(r'[\s"+-]*[0-9]')


@dataclass(frozen=True)
class Rows:
    """What was found out about the rows of a text file.

    Parameters
    ----------
    quoted
        Whether quotation marks are around fields; None if there are none below the header.
    are_lines
        Whether each line is a row. It is not where there are blank lines or quoted values of several lines.
    """

    quoted: bool | None
    are_lines: bool


def check_rows(path: Path, content: bytes, layout: Layout) -> Rows:
    """Return how the rows of a file are to be read.

    Raises
    ------
    DatasetError
        If a line has too few or too many columns, or a carriage return inside; if the last line has too few, the file
        was cut short on its way. If rows are lost inside quotation marks.
    """
    text = _Text(path, content, layout)
    if not text.has_quotes:
        return Rows(None, text.check_lines())
    if _are_quotes_around_fields(text):
        return Rows(True, text.check_quoted())
    return Rows(False, text.check_lines())


def _are_quotes_around_fields(text: _Text) -> bool:
    """Return how quotation marks are meant: by custom, but for tabs and ``::`` by evidence."""
    if text.layout.mark != "\t":
        return True
    try:
        n_rows = text.n_rows(text.lines())
    except DatasetError:
        return text.is_well_quoted()
    return are_around_fields(text.body, b"\t", n_rows)


class _Text:
    """The lines of a file, read with and without quotation marks around fields."""

    def __init__(self, path: Path, content: bytes, layout: Layout) -> None:
        self.path, self.content, self.layout = path, content, layout
        self._mark = layout.mark.encode()
        self._n_lines = content.count(b"\n") + (not content.endswith(b"\n"))
        # Many programs put only the header into quotes.
        self._begin = content.find(b"\n") + 1 if layout.has_header and b'"' in content else 0
        self.has_quotes = content.find(b'"', self._begin) >= 0

    @property
    def body(self) -> bytes:
        """The content, without the header if that has quotes."""
        return self.content[self._begin :] if self._begin else self.content

    def check_lines(self) -> bool:
        """Check each line as a row; return whether none is blank."""
        if b"\r" in self.content and (stray := _STRAY_RETURN.search(self.content)):
            raise self._stray_return(self.content.count(b"\n", 0, stray.start()) + 1)
        return self._is_grid() or self.n_rows(self.lines()) == self._n_lines

    def check_quoted(self) -> bool:
        """Check each row, with quotation marks around fields; return whether each is a line."""
        return self.n_rows(self._quoted_lines()) == self._n_lines

    def is_well_quoted(self) -> bool:
        """Return whether each row is complete if quotation marks are around fields."""
        try:
            self.check_quoted()
        except DatasetError:
            return False
        return True

    def _is_grid(self) -> bool:
        """Return whether each line has all columns, found out by comparing whole blocks of bytes."""
        body, n_lines = self.body, self._n_lines - bool(self._begin)
        marks = body.translate(None, bytes(set(range(256)) - {*self._mark, *b"\n"}))
        row = self._mark * (self.layout.n_fields - 1) + b"\n"
        return marks.removesuffix(b"\n") + b"\n" == row * n_lines

    def lines(self) -> Iterator[Line]:
        """Yield each line as a row, whatever quotation marks it has."""
        for number, line in enumerate(io.BytesIO(self.body), 1 + bool(self._begin)):
            yield number, line.decode(errors="replace"), line.count(self._mark) + 1

    def _quoted_lines(self) -> Iterator[Line]:
        """Yield each row of a file with quotation marks around fields."""
        taken: list[str] = []
        number = int(bool(self._begin))

        def remembered() -> Iterator[str]:
            nonlocal number
            for line in io.TextIOWrapper(io.BytesIO(self.body), "utf-8", errors="replace", newline="\n"):
                number += 1
                taken.append(line)
                yield line

        try:
            for fields in csv_rows(remembered(), self.layout.mark):
                if len(taken) > 1 and self._is_row(taken[0]) and self._is_row(taken[-1]):
                    raise self._lost_rows(number - len(taken) + 1, len(taken))
                taken.clear()
                yield number, self.layout.mark.join(fields), len(fields)
        except csv.Error as error:
            raise self._stray_return(number) from error

    def _is_row(self, line: str) -> bool:
        """Return whether a line alone would be a row: it has all columns, and a number where one is wanted."""
        fields = line.rstrip("\r\n").split(self.layout.mark)
        place = self.layout.positions.get("timestamp", self.layout.positions.get("rating", 0))
        return len(fields) == self.layout.n_fields and _BEGINS_LIKE_A_NUMBER.match(fields[place]) is not None

    def n_rows(self, lines: Iterator[Line]) -> int:
        """Return the number of rows, the header included.

        Raises
        ------
        DatasetError
            If a row has too few or too many columns.
        """
        n_rows = int(bool(self._begin))
        for number, text, n_fields in lines:
            if not text.strip():
                continue
            n_rows += 1
            if n_fields != self.layout.n_fields:
                raise self._misfit(number, text, n_fields)
        return n_rows

    def _misfit(self, number: int, text: str, n_fields: int) -> DatasetError:
        is_last = number >= self._n_lines
        where = "its last line" if is_last else f"line {number:,}"
        cut_short = is_last and n_fields < self.layout.n_fields
        advice = "the file was cut short: get it again" if cut_short else "mend or remove it"
        if self.has_quotes:
            advice += ", unless it is a quote that is never closed"
        shown = text.strip("\r\n").replace(self.layout.mark, self.layout.delimiter)
        return DatasetError(
            f"{self.path}: {where}, {quoted_excerpt(shown)}, has {n_fields:,} "
            f"column{'s' * (n_fields != 1)}, expected {self.layout.n_fields:,}; {advice}"
        )

    def _stray_return(self, number: int) -> DatasetError:
        return DatasetError(
            f"{self.path}, line {number:,}: there is a carriage return inside the line; expected it only at the end of "
            "lines: remove it, or put the field into quotation marks"
        )

    def _lost_rows(self, first: int, n_lines: int) -> DatasetError:
        return DatasetError(
            f"{self.path}, line {first:,}: a quotation mark opens a field that goes on for {n_lines:,} lines, of which "
            "the first and the last look like rows of their own; is a closing quote missing? Remove the marks, or "
            "write each twice inside a field in quotation marks"
        )

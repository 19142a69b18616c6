"""Quotation marks around fields: fields of any length, and whether a file has such marks at all."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_FIELD = 2**31 - 1
_LINE_WITH_QUOTES = re.compile(rb'[^\n]*"[^\n]*')
_QUOTED = re.compile(rb'"(?:[^"]|"")*"')


def csv_rows(lines: Iterable[str], delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Yield the fields of each row, with quotation marks around fields. A field may be of any length.

    Parameters
    ----------
    strict
        Whether text after a closing mark, and a mark that is never closed, are errors.

    Raises
    ------
    csv.Error
        If there is a carriage return inside a line, or a mark is wrong and ``strict`` is true.
    """
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield from csv.reader(lines, delimiter=delimiter, strict=strict)
    finally:
        csv.field_size_limit(limit)


def are_around_fields(body: bytes, delimiter: bytes, n_rows: int) -> bool:
    """Return whether the quotation marks of a file whose lines are rows are around fields, or part of the text.

    They are around fields if each field with a mark begins and ends with one, and if in a column either all fields have
    them, or all that do could not be written without.

    Parameters
    ----------
    body
        The lines below the header.
    n_rows
        The number of lines that are not blank.
    """
    quoted: Counter[int] = Counter()
    in_need: Counter[int] = Counter()
    for line in _LINE_WITH_QUOTES.finditer(body):
        for place, field in enumerate(line[0].rstrip(b"\r").split(delimiter)):
            if b'"' not in field:
                continue
            if not _QUOTED.fullmatch(field):
                return False
            quoted[place] += 1
            in_need[place] += b'"' in field[1:-1]
    return all(number in (n_rows, in_need[place]) for place, number in quoted.items())

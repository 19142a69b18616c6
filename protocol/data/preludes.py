"""What programs write above a table of text: Excel's ``sep=;``, comments, and R's header without the row names."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from protocol.data.layout import DELIMITERS, KNOWN_NAMES, is_value, split_line
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROW_NAMES = "row_names"
"""The name that R's row names get in a header that has none for them."""

_SEPARATOR = re.compile(rb"\s*\"?sep=([\t !#-&(-/:-@\[-^`{-~])\"?[ \r]*\n", re.IGNORECASE)
_LONGEST = 18
"""Digits of a row's number."""

_COMMENTS = re.compile(rb"([#%][^\n]*\n)+")
_SURE_COMMENT = re.compile(r"[#%]+\s")
_MANY = 10_000
_IDS = ("user", "item")
_DECIMAL = re.compile(r"\s*\"?[+-]?[0-9]+,[0-9]+\"?\s*")


@dataclass(frozen=True)
class Text:
    """The text of a table.

    Parameters
    ----------
    content
        Its lines in UTF-8, from the header or the first row on.
    n_above
        The number of lines that were above these.
    delimiter
        What separates the columns, if the file says it.
    """

    content: bytes
    n_above: int = 0
    delimiter: str | None = None


def table_in(path: object, content: bytes, names: Mapping[str, str]) -> Text:
    """Return the table in a text, without what is above it, and with a name for each column in its header.

    Parameters
    ----------
    names
        The file's own names of columns, by `KNOWN_NAMES`; a comment with them is the header.

    Raises
    ------
    DatasetError
        If a line may be a comment or a row, or most lines are blank.
    """
    _refuse_blank_lines(path, content)
    text = _with_row_names(_aligned(_without_comments(path, _without_separator(Text(content)), names)))
    return replace(text, delimiter=text.delimiter or likely_delimiter(_first_lines(text.content)[0]))


def likely_delimiter(line: str) -> str | None:
    """Return what separates the columns of a line; semicolons, if commas are decimal ones between them."""
    first, *others = line.split(";")
    if len(others) > 1 and "," not in first and all("," not in one or _DECIMAL.fullmatch(one) for one in others):
        return ";"
    return next((mark for mark in DELIMITERS if mark in line), None)


def _refuse_blank_lines(path: object, content: bytes) -> None:
    """Refuse a text of blank lines with few others: a small packed file can hold hundreds of millions of them."""
    ends = (b"\n", b"\r\n") if b"\r" in content else (b"\n",)
    n_blank = 4 * max(content.count(end * 4) for end in ends)
    if n_blank > _MANY and n_blank > (n_lines := content.count(b"\n")) // 2:
        raise DatasetError(f"{path} has {n_lines:,} lines, most of them blank; expected one interaction a line")


def _without_separator(text: Text) -> Text:
    found = _SEPARATOR.match(text.content)
    if found is None:
        return text
    return Text(text.content[found.end() :], text.n_above + 1, found[1].decode())


def _without_comments(path: object, text: Text, names: Mapping[str, str]) -> Text:
    """Leave out the first lines that begin with ``#`` or, as in KONECT, ``%``; the last of them may be the header."""
    found = _COMMENTS.match(text.content)
    if found is None:
        return text
    content = text.content[found.end() :]
    lines = found[0].decode(errors="replace").splitlines()
    comments = [line.lstrip("#%").strip() for line in lines]
    first_row = _first_lines(content)[0].strip()
    delimiter = text.delimiter or likely_delimiter(first_row)
    fields = _fields(comments[-1], delimiter)
    is_as_wide = len(fields) == len(_fields(first_row, delimiter)) > 1
    if is_as_wide and any(map(is_value, fields)) and not _SURE_COMMENT.match(lines[-1]):
        raise DatasetError(
            f"{path}, line {text.n_above + len(comments):,}: {comments[-1][:60]!r} after '#' may be a comment or a "
            "row; remove the line, or the '#' and what comes before it"
        )
    n_above = text.n_above + len(comments)
    if is_as_wide and _has_names(fields, names):
        return replace(text, content=comments[-1].encode() + b"\n" + content, n_above=n_above - 1)
    return replace(text, content=content, n_above=n_above)


def _has_names(fields: list[str], names: Mapping[str, str]) -> bool:
    """Whether some fields of a comment are names of a user and an item."""
    small = [field.partition(":")[0].lower() for field in fields]
    return all(names.get(column, "").lower() in small or set(KNOWN_NAMES[column]) & {*small} for column in _IDS)


def _aligned(text: Text) -> Text:
    """Return a text with one blank in place of several, if all rows have several, so that columns are lined up.

    A value that is missing leaves several blanks in some rows only, and fewer values than the header has names.
    """
    first, second = _first_lines(text.content)
    delimiter = text.delimiter or likely_delimiter(first)
    if delimiter != " " or b'"' in text.content or len(second.split()) < len(first.split()):
        return text
    rows = islice(io.BytesIO(text.content), 1, None)
    if not all(b"  " in row.strip() for row in rows if row.strip()):
        return text
    lines = (b" ".join(line.split()) for line in io.BytesIO(text.content))
    return replace(text, content=b"\n".join(lines) + b"\n", delimiter=delimiter)


_NUMBERS_ROWS = frozenset({"index", "row", "rowid", "row_id", "number", "no", "nr", "#"})
"""Names of a column that numbers the rows itself; then a further field comes from a separator inside a field."""

_LARGEST_ROW, _LARGEST_SHARE = 10**8, 1000
"""The largest number of a row in a file, and that for each row of it: R keeps the names of the rows that were selected.

Times of a clock are larger. They come first, and look like row names, where a later field has the separator in it.
"""


def _with_row_names(text: Text) -> Text:
    """Name the first column of a table whose header is one field short, as R's ``write.table`` writes it."""
    header, first_row = _first_lines(text.content)
    delimiter = text.delimiter or likely_delimiter(header)
    names, row = _fields(header, delimiter), _fields(first_row, delimiter)
    if delimiter is None or len(row) != len(names) + 1 or not row[-1] or any(map(is_value, names)):
        return text
    if names[0].lower() in _NUMBERS_ROWS or not _are_row_names(text.content.splitlines()[1:], delimiter.encode()):
        return text
    return replace(text, content=ROW_NAMES.encode() + delimiter.encode() + text.content, delimiter=delimiter)


def _are_row_names(rows: Sequence[bytes], delimiter: bytes) -> bool:
    """Whether the first fields are different numbers of rows, so that they are neither ids nor times."""
    firsts = [line.partition(delimiter)[0].strip(b' "\r') for line in rows if line.strip()]
    if len(firsts) < 2 or not all(first.isdigit() and len(first) <= _LONGEST for first in firsts):
        return False
    numbers = set(map(int, firsts))
    largest = min(_LARGEST_ROW, _LARGEST_SHARE * len(firsts))
    return len(numbers) == len(firsts) and min(numbers) >= 1 and max(numbers) <= largest


def _first_lines(content: bytes) -> tuple[str, str]:
    """Return the first two lines; `bytes.partition` would copy the others."""
    first = content.find(b"\n") % (len(content) + 1)
    second = content.find(b"\n", first + 1) % (len(content) + 1)
    return content[:first].decode(errors="replace"), content[first + 1 : second].decode(errors="replace")


def _fields(line: str, delimiter: str | None) -> list[str]:
    """Return the fields of a line; quotes around a field hide delimiters in it."""
    if delimiter is None:
        return [line]
    # A carriage return inside a line is refused later, with the number of the line.
    return [field.strip().strip('"') for field in split_line(line.replace("\r", " "), delimiter)]

"""Text files of interactions: CSV, TSV, ``::`` and RecBole's ``.inter``."""

from __future__ import annotations

import csv
import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.excerpts import excerpt, quoted_excerpt
from protocol.data.layout import SAY_WHICH, SEPARATORS, sniff
from protocol.data.lines import RETURN_INSIDE
from protocol.data.origin import Origin
from protocol.data.preludes import table_in
from protocol.data.reading import Reading
from protocol.data.rows import check_rows
from protocol.data.spellings import plain_numbers
from protocol.data.times import UNITS
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocol.data.columns import Values
    from protocol.data.files import DataFile
    from protocol.data.layout import Layout

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_EXPONENT = re.compile(rb"[0-9][eE]\+?[0-9]")
_NOT_BLANK = re.compile(rb"\S")
_SAMPLE = 1_000
_IDS = ("user", "item")

_LEADING_ZERO = re.compile(rb"\s*0[0-9]")
_CHECKED_BYTES = 2**18
"""The bytes that are looked at once: they stay in the cache."""

_ZERO, _TEN, _BLANK = np.uint8(ord("0")), np.uint8(10), np.uint8(ord(" "))
"""The code of 0, the number of digits, and the highest code of what Python takes for a blank."""


def read_text(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a text file, ``(n_rows,)`` each, and how to find a row (see `Format.read`).

    Raises
    ------
    DatasetError
        If the file is unreadable, empty, cut short or not UTF-8, or lacks a column; if it can be read in two ways.
    """
    path, content = file.path, file.content().removeprefix(_BYTE_ORDER_MARK)
    if not content or content.isspace():
        raise DatasetError(f"{path} is empty; expected one interaction a line")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    text = table_in(path, content, names)
    content = text.content
    try:
        # `bytes.partition` would copy the other lines.
        first_line = content[: content.find(b"\n") % (len(content) + 1)].decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from error
    if "\r" in first_line:
        raise DatasetError(f"{path}, line {text.n_above + 1:,}: {RETURN_INSIDE}")
    layout = sniff(path, first_line, names, wanted, text.delimiter)
    if layout.delimiter == "::":
        if b"\t" in content:
            raise DatasetError(f"{path} is separated by '::' but has tabs in it, too; expected one of them: mend it")
        content = content.replace(b"::", b"\t")
    if layout.has_header and not _has_rows(content):
        raise DatasetError(f"{path} has a header and no rows; expected one interaction a line")
    rows = check_rows(path, content, layout, text.n_above)
    columns = {role: name for role, name in layout.columns.items() if role in wanted}
    form = f"text separated by {SEPARATORS.get(layout.delimiter, repr(layout.delimiter))}"
    reading = Reading(form=form, header=layout.has_header, quoted=rows.quoted, columns=columns)
    unit, first = ("line", text.n_above + 1 + layout.has_header) if rows.are_lines else ("row", 1)
    origin = Origin(str(path), unit, first, reading)
    table = _Table(origin, content, layout, is_quoted=bool(rows.quoted))
    if not (names or layout.has_header) and "rating" in layout.positions:
        table.refuse_doubtful_rating()
    return table.columns(wanted), origin


class _Table:
    """The columns of a text file, parsed by pandas."""

    def __init__(self, origin: Origin, content: bytes, layout: Layout, *, is_quoted: bool) -> None:
        self._origin, self._content, self._layout = origin, content, layout
        self._options: dict[str, Any] = {
            "sep": layout.mark,
            "header": None,
            "names": list(range(layout.n_fields)),
            "quoting": csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
            "na_filter": False,
            "engine": "c",
            "index_col": False,
        }

    def columns(self, roles: Sequence[str]) -> dict[str, Values]:
        """Return columns, ``(n_rows,)``: numbers if all values are numbers in one spelling, else text.

        Raises
        ------
        DatasetError
            If pandas cannot parse them, or if numbers with commas can be read in two ways.
        """
        as_text = () if _is_plain(self._content, self._layout) else [role for role in roles if role in _IDS]
        # Not dtype=int64: with it pandas makes an integer of 1.0, too, through an inexact float.
        parsed = self._parsed(roles, dtype={self._layout.positions[role]: object for role in as_text})
        return {role: self._checked(role, parsed.pop(role), is_text=role in as_text) for role in roles}

    def _checked(self, role: str, values: Values, *, is_text: bool) -> Values:
        """Return a column as pandas inferred it if that is exact; else from its text."""
        is_id = role in _IDS
        is_exact = values.dtype == np.int64 or (values.dtype == np.float64 and not is_id)
        if is_exact and not (role == "timestamp" and self._has_exponents(values)):
            return values
        texts = values if is_text else self._parsed([role], dtype=object)[role]
        return texts if is_id else plain_numbers(texts, role, self._origin.row)

    def _has_exponents(self, values: Values) -> bool:
        """Return whether some numbers may be written like 1.4E+09: how many digits they have is in the text."""
        return values.dtype == np.float64 and _EXPONENT.search(self._content) is not None

    def refuse_doubtful_rating(self) -> None:
        """Refuse a file without a header if what would be its ratings are no numbers, or times.

        Raises
        ------
        DatasetError
            If the meaning of the columns is a guess.
        """
        sample = plain_numbers(self._parsed(["rating"], nrows=_SAMPLE)["rating"], "rating", self._origin.row)
        place = self._layout.positions["rating"]
        is_number = sample.dtype.kind in "biuf"
        if is_number and not (sample.size and sample.min() >= UNITS[0].first):
            return
        found = "times" if is_number else "text"
        raise DatasetError(
            f"{self._origin.file} has no header, and its column {place} (counted from 0) is {found}, "
            f"{quoted_excerpt(sample[0])}; expected user, item, rating, timestamp: {SAY_WHICH}"
        )

    def _stream(self) -> io.BytesIO:
        """Return the rows; pandas takes minutes to compare the thousands of names in a long header."""
        stream = io.BytesIO(self._content)
        if self._layout.has_header:
            stream.seek(self._content.find(b"\n") + 1)
        return stream

    def _parsed(self, roles: Sequence[str], **options: Any) -> dict[str, Values]:
        """Return columns by their roles, as pandas infers them, or of the types asked for.

        pandas infers them part by part, each small enough for the processor's cache, and warns if the parts differ.
        """
        import pandas as pd

        places = self._layout.positions
        options = {**self._options, "usecols": [places[role] for role in roles], **options}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", pd.errors.DtypeWarning)
                frame = pd.read_csv(self._stream(), **options)
        except UnicodeDecodeError as error:
            raise _undecodable(self._origin.file, error) from error
        except pd.errors.ParserError as error:
            raise DatasetError(f"{self._origin.file} cannot be parsed: {excerpt(str(error).strip(), 200)}") from error
        return {role: np.asarray(frame[places[role]].to_numpy()) for role in roles}


def _has_rows(content: bytes) -> bool:
    """Return whether there is anything below the first line."""
    end = content.find(b"\n")
    return end >= 0 and _NOT_BLANK.search(content, end) is not None


def _is_plain(content: bytes, layout: Layout) -> bool:
    """Return whether no integer can have two spellings: there are no quotes, signs or leading zeros."""
    start = content.find(b"\n") if layout.has_header else 0
    if any(content.find(mark, start) >= 0 for mark in (b'"', b"+", b"-")):
        return False
    if not layout.has_header and _LEADING_ZERO.match(content):
        return False
    mark = layout.mark.encode()
    if not _may_have_leading_zeros(content, mark[-1]):
        return True
    after = (re.compile(before + _LEADING_ZERO.pattern) for before in (re.escape(mark), rb"\n"))
    return not any(pattern.search(content, start) for pattern in after)


def _may_have_leading_zeros(content: bytes, mark: int) -> bool:
    """Return whether a 0 and another digit come after a mark or a blank; many times faster than a regular expression.

    Parameters
    ----------
    mark
        The code of what separates the columns.
    """
    codes = np.frombuffer(content, np.uint8)
    for start in range(0, codes.size, _CHECKED_BYTES):
        block = codes[start : start + _CHECKED_BYTES + 2]
        before, here, after = block[:-2], block[1:-1], block[2:]
        # Codes below that of 0 wrap around.
        found = (here == _ZERO) & (after - _ZERO < _TEN)
        if (found & ((before <= _BLANK) | (before == mark))).any():
            return True
    return False


def _undecodable(path: object, error: UnicodeDecodeError) -> DatasetError:
    return DatasetError(
        f"{path} is not UTF-8 text ({error.reason}: {error.object[error.start : error.end]!r}); "
        "name its encoding, as in --encoding latin-1, or convert it"
    )

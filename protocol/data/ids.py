"""Ids of users and items: exact, present, and each number in one spelling (P2)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.excerpts import quoted_excerpt
from protocol.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.origin import Origin

    Values = npt.NDArray[Any]
    Texts = npt.NDArray[np.object_]

WHOLE_NUMBERS, TEXT = "whole numbers", "text"

MISSING = {
    *("", "nan", "-nan", "nat", "na", "<na>", "n/a", "#n/a", "#na", "null", "(null)", "#null!", "\\n"),
    *("none", "nil", "undefined", "missing", ".", "-", "?"),
}
"""What programs write for a missing value, in small letters. ``\\n`` is a backslash and the letter, as in Hive."""

_INT64 = np.iinfo(np.int64)
_PLAIN = re.compile(r"-?[1-9][0-9]{0,18}|0")
_LONGEST_NUMBER = 40
_NUMBER = re.compile(r"[+-]?(?=\d|\.\d)\d*(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_WHOLE, _POINT_ZERO = re.compile(r"-?[0-9]+"), re.compile(r"-?[0-9]+\.0*")
_ROUNDED = re.compile(r"-?[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")


def checked_ids(values: Values, column: str, origin: Origin) -> Values:
    """Return ids as int64 if each is an integer in plain decimal form, else as text.

    Blanks around an id are removed.

    Raises
    ------
    DatasetError
        If an id is missing, or is what programs write for a missing value; if numbers are spelled in two ways, such as
        7 and 007, or have lost digits.
    """
    if np.issubdtype(values.dtype, np.signedinteger):
        return values.astype(np.int64, copy=False)
    import pandas as pd

    codes, distinct = pd.factorize(values)
    texts = np.array([str(value).strip() for value in distinct], dtype=object)
    _refuse_missing(texts, codes, column, origin)
    if all(map(is_plain_integer, texts)):
        return texts.astype(np.int64)[codes]
    _refuse_spellings(texts, codes, column, origin)
    return np.asarray(texts[codes])


def is_plain_integer(text: str) -> bool:
    """Return whether a text is an integer of 64 bits in its one plain spelling: not 007, +7, 1_000 or 7.0."""
    return _PLAIN.fullmatch(text) is not None and _INT64.min <= int(text) <= _INT64.max


def kind_of(ids: Values) -> str:
    """Return how ids were typed: `WHOLE_NUMBERS` or `TEXT`."""
    return WHOLE_NUMBERS if np.issubdtype(ids.dtype, np.integer) else TEXT


def _refuse_missing(texts: Texts, codes: npt.NDArray[np.intp], column: str, origin: Origin) -> None:
    is_marker = np.array([text.casefold() in MISSING for text in texts], dtype=np.bool_)
    missing = is_marker[codes] | (codes < 0) if texts.size else codes < 0
    if missing.any():
        first = int(np.argmax(missing))
        marker = texts[codes[first]] if codes[first] >= 0 else ""
        written = f", here as {quoted_excerpt(marker)}" if marker else ""
        raise DatasetError(
            f"{origin.row(first)}: the {column} is missing (so are {np.count_nonzero(missing):,} in all){written}; "
            "fill in or remove these rows"
        )


def _refuse_spellings(texts: Texts, codes: npt.NDArray[np.intp], column: str, origin: Origin) -> None:
    """Refuse texts of which two may be one id: the same number in two spellings, or numbers with lost digits."""

    def refuse(text: str, why: str) -> None:
        row = int(np.argmax(codes == int(np.argmax(texts == text))))
        raise DatasetError(f"{origin.row(row)}: the {column} is {quoted_excerpt(text)}, {why}")

    spellings: dict[Decimal, str] = {}
    numbers = [text for text in texts if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text)]
    for text in numbers:
        known = spellings.setdefault(Decimal(text), text)
        if known != text:
            refuse(text, f"and elsewhere {quoted_excerpt(known)}: the same number; spell it in one way")
    rounded = next(filter(_ROUNDED.fullmatch, numbers), None)
    if rounded is not None:
        refuse(rounded, "a number that may have lost digits in this spelling; write ids in full")
    whole, pointed = (next(filter(pattern.fullmatch, numbers), None) for pattern in (_WHOLE, _POINT_ZERO))
    if whole is not None and pointed is not None:
        refuse(pointed, f"and elsewhere there are ids such as {quoted_excerpt(whole)}; spell them in one way")

"""Ids of users and items: exact, present, and each number in one spelling (P2)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.data.excerpts import quoted_excerpt
from protocol.data.missing import LEAVE_OUT, missing_among
from protocol.data.settled import AS_FOUND
from protocol.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt

    from protocol.data.origin import Origin
    from protocol.data.settled import Settled

    Values = npt.NDArray[Any]
    Texts = npt.NDArray[np.object_]

SAY_WHETHER = "spell it in one way, or say with --ids number that they are one, with --ids text that they are two"
SAY_QUOTED = "remove the quotation marks if they are one, or say with --ids text that they are two"
WHOLE_NUMBERS, TEXT = "whole numbers", "text"

_INT64 = np.iinfo(np.int64)
_PLAIN = re.compile(r"-?[1-9][0-9]{0,18}|0")
_LONGEST_NUMBER = 40
_EXACT = 2.0**53
_NUMBER = re.compile(r"[+-]?(?=\d|\.\d)\d*(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_WHOLE, _POINT_ZERO = re.compile(r"-?[0-9]+"), re.compile(r"-?[0-9]+\.0*")
_ROUNDED = re.compile(r"-?[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")


def checked_ids(values: Values, column: str, origin: Origin, settled: Settled = AS_FOUND) -> Values:
    """Return ids as int64 if each is an integer in plain decimal form, else as text; or as the user settled.

    Blanks around an id are removed.

    Raises
    ------
    DatasetError
        If an id is missing, or is what programs write for a missing value; if numbers are spelled in two ways, such as
        7 and 007, have lost digits, or are of two types; if the user settled that ids are numbers, and one is none.
    """
    if np.issubdtype(values.dtype, np.signedinteger) and settled.ids != "text":
        return values.astype(np.int64, copy=False)
    import pandas as pd

    codes, distinct = pd.factorize(values)
    missing = missing_among(codes, distinct, only_empty=settled.ids == "text")
    _refuse_missing(missing, values, column, origin)
    distinct = _without_zero_fraction(distinct)
    texts = np.array([str(value).strip() for value in distinct], dtype=object)
    if settled.ids == "text":
        return np.asarray(texts[codes])
    if settled.ids == "number":
        return _as_numbers(texts, codes, column, origin)
    _refuse_mixed_types(distinct, column, origin)
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


def _refuse_missing(missing: npt.NDArray[np.bool_], values: Values, column: str, origin: Origin) -> None:
    if not missing.any():
        return
    first = int(np.argmax(missing))
    marker = str(values[first]).strip() if isinstance(values[first], str) else ""
    written = f", here as {quoted_excerpt(marker)}" if marker else ""
    advice = f"fill in or remove these rows, or {LEAVE_OUT}"
    if marker:
        advice += f"; if {quoted_excerpt(marker)} is an id, say so with --ids text"
    raise DatasetError(
        f"{origin.row(first)}: the {column} is missing (so are {np.count_nonzero(missing):,} in all){written}; {advice}"
    )


def _without_zero_fraction(values: Values) -> Values:
    """Return as integers what pandas made floats because some were missing."""
    is_exact = values.dtype.kind == "f" and bool((np.abs(values) < _EXACT).all())
    return values.astype(np.int64) if is_exact and np.array_equal(values, np.floor(values)) else values


def _refuse_mixed_types(distinct: Values, column: str, origin: Origin) -> None:
    is_text = {isinstance(value, str) for value in distinct}
    if len(is_text) > 1:
        raise DatasetError(
            f'{origin.file}: some {column} ids are numbers and some are text, so 7 and "7" could be one or two; say '
            "that they are one with --ids text or --ids number, or write all of them in one way"
        )


def _as_numbers(texts: Texts, codes: npt.NDArray[np.intp], column: str, origin: Origin) -> npt.NDArray[np.int64]:
    """Return whole numbers in any spelling that has all of their digits."""
    numbers = [_whole_number(text) for text in texts]
    if None in numbers:
        place = numbers.index(None)
        raise DatasetError(
            f"{origin.row(int(np.argmax(codes == place)))}: the {column} is {quoted_excerpt(texts[place])}, expected a "
            "whole number of 64 bits in full, as --ids number says; without it ids may be text"
        )
    return np.array(numbers, dtype=np.int64)[codes]


def _whole_number(text: str) -> int | None:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text) or _ROUNDED.fullmatch(text):
        return None
    number = Decimal(text)
    is_whole = number.adjusted() < _LONGEST_NUMBER and number == number.to_integral_value()
    return int(number) if is_whole and _INT64.min <= number <= _INT64.max else None


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
            refuse(text, f"and elsewhere {quoted_excerpt(known)}: the same number; {SAY_WHETHER}")
    bare = set(texts)
    quoted = next((text for text in texts if text[0] == text[-1] in "\"'" and text[1:-1] in bare), None)
    if quoted is not None:
        refuse(quoted, f"and elsewhere {quoted_excerpt(quoted[1:-1])}; {SAY_QUOTED}")
    rounded = next(filter(_ROUNDED.fullmatch, numbers), None)
    if rounded is not None:
        refuse(rounded, "a number that may have lost digits in this spelling; write ids in full")
    whole, pointed = (next(filter(pattern.fullmatch, numbers), None) for pattern in (_WHOLE, _POINT_ZERO))
    if whole is not None and pointed is not None:
        refuse(pointed, f"and elsewhere there are ids such as {quoted_excerpt(whole)}; {SAY_WHETHER}")

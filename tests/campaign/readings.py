"""Files of interactions read with Python's own means, to compare with: every reading that a person could mean."""

from __future__ import annotations

import csv
import io
import re
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset

    Rows: TypeAlias = list[tuple[str, str, str]]

SEPARATORS = (",", "\t", ";", "|", "::", " ")

_UNIT = "\x1f"
"""What takes the place of a separator of two characters, of which `csv` knows nothing."""

USER, ITEM, TIME = (
    re.compile(f"({names})(:.*)?", re.IGNORECASE) for names in ("user(_?id)?", "item(_?id)?", "time(stamp)?")
)

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)


def plain_rows(text: str, separator: str) -> list[list[str]]:
    """Return the fields of each line that is not blank; a quotation mark is a character as any other."""
    lines = re.split("\r\n|\r|\n", text)
    return [line.split(separator) for line in lines if line.strip()]


def quoted_rows(text: str, separator: str) -> list[list[str]]:
    """Return the rows as `csv` reads them; none where it cannot."""
    if len(separator) > 1:
        text, separator = text.replace(separator, _UNIT), _UNIT
    csv.field_size_limit(sys.maxsize)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return []
    return [row for row in rows if any(cell.strip() for cell in row)]


def readings(text: str, separator: str, *, has_header: bool) -> list[Rows]:
    """Return users, items and times of each row, by every separator and quoting that gives rows of one length."""
    text = text.removeprefix("\ufeff").removesuffix("\x1a")
    texts = [text, *([text.partition("\n")[2]] if text.startswith("sep=") else [])]
    texts += ["\n".join(line for line in one.split("\n") if not line.lstrip().startswith("#")) for one in texts]
    found: list[Rows] = []
    for one in texts:
        for mark in dict.fromkeys((separator, *SEPARATORS)):
            for rows in (plain_rows(one, mark), quoted_rows(one, mark)):
                found += rows_of_columns(rows, has_header=has_header)
    return found


def rows_of_columns(rows: list[list[str]], *, has_header: bool) -> list[Rows]:
    """Return the users, items and times of rows: by the header, or else by the usual order."""
    found = []
    if not rows or len({len(row) for row in rows}) > 1:
        return []
    header = [cell.strip() for cell in rows[0]]
    places = [[at for at, cell in enumerate(header) if name.fullmatch(cell)] for name in (USER, ITEM, TIME)]
    if all(len(place) == 1 for place in places):
        found.append([tuple(row[place[0]].strip() for place in places) for row in rows[1:]])
        return found
    if has_header and not all(_NUMBER.fullmatch(cell) for cell in header):
        return []
    if len(header) >= 4:
        found.append([(row[0].strip(), row[1].strip(), row[3].strip()) for row in rows])
    elif len(header) == 3:
        found.append([(row[0].strip(), row[1].strip(), row[2].strip()) for row in rows])
    return found  # type: ignore[return-value]


def _time(cell: str) -> Fraction:
    text = cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell
    return Fraction(text) if _NUMBER.fullmatch(text) else Fraction(float(text))


def difference(dataset: Dataset, rows: Rows) -> str:
    """Return in what a dataset differs from rows; nothing if it does not.

    Ids are compared as numbers if all of a column are whole numbers, else as text; times up to a common factor of a
    thousand or a million, since milliseconds and fractions are of other units. A comma may be the decimal sign.
    """
    users, items = _spelled([row[0] for row in rows]), _spelled([row[1] for row in rows])
    try:
        times = [_time(row[2]) for row in rows]
    except (ValueError, OverflowError):
        return "a time is no number"
    expected: dict[tuple[str, str], Fraction] = {}
    for pair, time in zip(zip(users, items, strict=True), times, strict=True):
        expected[pair] = min(time, expected.get(pair, time))
    own = dataset.interactions
    own_users, own_items = (_spelled([str(one) for one in ids]) for ids in (dataset.user_ids, dataset.item_ids))
    if len(set(own_users)) < len(own_users) or len(set(own_items)) < len(own_items):
        return "one number in two spellings is two ids"
    pairs = [(own_users[user], own_items[item]) for user, item in zip(own.users, own.items, strict=True)]
    found = dict(zip(pairs, own.timestamps.tolist(), strict=True))
    if found.keys() != expected.keys():
        missing, more = sorted(expected.keys() - found.keys())[:3], sorted(found.keys() - expected.keys())[:3]
        return f"{len(found)} pairs, expected {len(expected)}; missing {missing}, too many {more}"
    if any(all(found[pair] == factor * expected[pair] for pair in found) for factor in (1, 1_000, 1_000_000, 10**9)):
        return ""
    odd = next(pair for pair in found if found[pair] != expected[pair])
    return f"the time of {odd} is {found[odd]}, expected {float(expected[odd])}"


def _spelled(ids: list[str]) -> list[str]:
    """Return ids in one spelling: whole numbers without zeros before them, where all are."""
    if all(re.fullmatch(r"[+-]?\d{1,18}", one, re.ASCII) for one in ids):
        return [str(int(one)) for one in ids]
    return ids

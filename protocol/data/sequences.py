"""Lines of a user and the user's items in the order of time: ``user item item ...``, as S3-Rec writes them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from protocol.data.columns import Origin
from protocol.data.reading import Reading
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocol.data.columns import Values
    from protocol.data.files import DataFile

PREFIX = "sequences:"
"""What users write before the path of such a file: no file shows that its items are in the order of time."""


_READING = Reading(
    form="lines of a user and the user's items in the order of time",
    columns={"user": "first in the line", "item": "the others", "timestamp": "place in the line"},
)
_LINE = re.compile(rb"[0-9]+([ \t]+[0-9]+)*[ \t\r]*")


def refuse_unsaid(file: DataFile, head: bytes) -> None:
    """Refuse a file that looks like sequences, of which its user did not say that they are in the order of time.

    Each line has whole numbers only, how many differs, and no two lines begin with the same one.

    Parameters
    ----------
    head
        The first bytes of the file.

    Raises
    ------
    DatasetError
        With what to write.
    """
    lines = head.split(b"\n")[:-1]
    rows = [line.split() for line in lines]
    if len(rows) < 2 or not all(map(_LINE.fullmatch, lines)):
        return
    if len({len(row) for row in rows}) > 1 and len({row[0] for row in rows}) == len(rows):
        raise DatasetError(
            f"{file} looks like lines of a user and the user's items; if the items are in the order of time, write "
            f"{PREFIX}{file}. If they are in no order, the latest one is unknown, and leave-last-out is impossible"
        )


def read_sequences(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read users, items and positions in the line, counted from 1; ``(n_interactions,)`` each (see `Format.read`).

    Blanks, tabs or commas separate the ids. A user without items is left out.

    Raises
    ------
    DatasetError
        If names of columns or ratings are asked for, the file is empty or not UTF-8, or a user has two lines.
    """
    if names or "rating" in wanted:
        raise DatasetError(f"{PREFIX}{file} has users and items only: it takes no --columns and no --min-rating")
    try:
        text = file.content().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{file} is not UTF-8 text ({error.reason} at byte {error.start}); name its encoding with --encoding"
        ) from error
    rows = [row for row in (line.replace(",", " ").split() for line in text.splitlines()) if row]
    users = [row[0] for row in rows]
    repeated, n_lines = Counter(users).most_common(1)[0] if users else ("", 0)
    if n_lines > 1:
        raise DatasetError(
            f"{file}: the user {repeated[:60]!r} has {n_lines:,} lines; expected one, with the items in order"
        )
    lengths = np.array([len(row) - 1 for row in rows], dtype=np.int64)
    if not lengths.sum():
        raise DatasetError(f"{file} has no items; expected lines of a user and items: user item item ...")
    ends = np.cumsum(lengths)
    values: dict[str, Values] = {
        "user": np.repeat(np.array(users, dtype=object), lengths),
        "item": np.array(list(chain.from_iterable(row[1:] for row in rows)), dtype=object),
        "timestamp": np.arange(1, ends[-1] + 1) - np.repeat(ends - lengths, lengths),
    }
    return values, Origin(str(file), "interaction", 1, _READING)

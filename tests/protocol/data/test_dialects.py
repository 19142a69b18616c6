"""Interactions written in any dialect are read back exactly, or refused: there is no third outcome."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from data_files import PACKERS
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.formats import read_file
from protocol.data.layout import KNOWN_NAMES
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocol.data.columns import Columns

N_USERS, N_ITEMS = 6, 9

IDS: dict[str, Callable[[int], str]] = {
    "from 0": str,
    "from 1": lambda index: str(index + 1),
    "large": lambda index: str(10**15 + 7 * index),
    "of one width": lambda index: f"{index:04d}",
    "with zeros or without": lambda index: f"0{index}" if index % 3 == 0 else str(index),
    "with a fraction": lambda index: f"{index}.0",
    "with a fraction or without": lambda index: f"{index}.0" if index % 2 else str(index),
    "words": lambda index: f"user {index}" if index % 2 else f"käufer-{index}",
    "hashes": lambda index: f"{index * 7919:05x}e",
    "in quotation marks": lambda index: f'"No. {index}',
    "with separators": lambda index: f"a{index};b,c|d",
    "with a null marker": lambda index: (
        ("NULL", r"\N", "None", "<NA>", "NA", "undefined")[index] if index < 6 else str(index)
    ),
    "digits of another script": lambda index: str(index).translate({48 + digit: 0x0660 + digit for digit in range(10)}),
    "with an underscore": lambda index: f"1_{index:02d}",
    "rounded": lambda index: f"{1.2345e16 + index * 1e11:.6g}".replace("e", "E"),
}
"""Spellings of ids. Some are refused; none may be read as something else."""

SOUND_IDS = ("from 0", "from 1", "large", "of one width", "words", "hashes")


def either(second: int) -> int:
    """Return some times in seconds and some in milliseconds; both in one file are refused."""
    return second if second % 2 else 1_000 * second


def or_epoch(second: int) -> int:
    """Return some times, and 0 for others; both in one file are refused."""
    return second if second % 4 else 0


def zoned(second: int, minutes: int = 0) -> str:
    """Return a time as a date of a zone that is some minutes east of Greenwich."""
    return datetime.fromtimestamp(second, timezone(timedelta(minutes=minutes))).isoformat()


CLOCKS: dict[str, tuple[Callable[[int], str], Callable[[int], int] | None]] = {
    "seconds": (str, int),
    "milliseconds": (lambda second: str(1_000 * second), lambda second: 1_000 * second),
    "microseconds": (lambda second: str(1_000_000 * second), lambda second: 1_000_000 * second),
    "with a fraction": (lambda second: f"{second}.5", lambda second: 1_000_000 * second + 500_000),
    "rounded": (lambda second: f"{second:.2E}", None),
    "dates with a zone": (lambda second: zoned(second, 0), lambda second: 1_000_000 * second),
    "dates of another zone": (lambda second: zoned(second, 330), lambda second: 1_000_000 * second),
    "dates with blanks": (lambda second: zoned(second)[:19].replace("T", " "), lambda second: 1_000_000 * second),
    "days": (lambda second: zoned(second)[:10], lambda second: 1_000_000 * (second // 86_400 * 86_400)),
    "days first": (lambda second: datetime.fromtimestamp(second, UTC).strftime("%d/%m/%Y"), None),
    "dates of some zones": (
        lambda second: zoned(second) if second % 2 else zoned(second)[:19],
        lambda second: 1_000_000 * second,
    ),
    "with a decimal comma": (lambda second: f"{second},25", lambda second: 1_000_000 * second + 250_000),
    "with an epoch for none": (lambda second: str(or_epoch(second)), or_epoch),
    "seconds and milliseconds": (lambda second: str(either(second)), lambda second: either(second)),
}
"""How Unix seconds are written, and what they are read as, with fractions in millionths; None if they cannot be."""

SOUND_CLOCKS = ("seconds", "milliseconds", "microseconds", "with a fraction", "dates with a zone", "days")

RATINGS: dict[str, Callable[[int], str]] = {
    "halves": lambda half: str(half / 2),
    "with a comma": lambda half: str(half / 2).replace(".", ","),
    "likes": lambda half: str(half > 5),
}
"""How ratings from 1 to 10 halves are written."""

ORDERS = (
    "user item rating timestamp",
    "user item timestamp",
    "timestamp user item",
    "item title user timestamp rating",
    "user item title timestamp",
    "index user item timestamp",
    "user item timestamp rating",
    "user item rating",
)
TITLES = ("Low", '"Heroes', '"Heroes"', '"', "Blackstar; or so", "12:45::x", "a | b", "", "two\nlines", "two\rlines")


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    separator: str
    quoting: int
    header: str
    order: str
    names: int
    user_ids: str
    item_ids: str
    clock: str
    ending: str
    ratings: str
    form: str
    packing: str
    seed: int


DIALECTS = st.builds(
    Dialect,
    separator=st.sampled_from((",", "\t", ";", "|", "::", " ")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE)),
    header=st.sampled_from(("usual", "usual", "usual", "quoted", "none", "numbers")),
    order=st.sampled_from(ORDERS),
    names=st.integers(0, 20),
    user_ids=st.sampled_from((*SOUND_IDS, *IDS)),
    item_ids=st.sampled_from((*SOUND_IDS, *IDS)),
    clock=st.sampled_from((*SOUND_CLOCKS, *CLOCKS)),
    ending=st.sampled_from(("\n", "\r\n", "\r")),
    ratings=st.sampled_from(("halves", *RATINGS)),
    form=st.sampled_from(("text", "text", "text", "JSON lines", "JSON")),
    packing=st.sampled_from(("", *PACKERS)),
    seed=st.integers(0, 2**32),
)


def rows_of(dialect: Dialect) -> list[dict[str, str]]:
    """Return some interactions in the spellings of a dialect, and beside them what they are."""
    draw = random.Random(dialect.seed)
    n_users, n_items = draw.randint(1, N_USERS), draw.randint(2, N_ITEMS)
    titles, rows = draw.sample(TITLES, 3), []
    for number in range(draw.randint(2, 30)):
        second = draw.randint(10**9, 17 * 10**8)
        spell, exact = CLOCKS[dialect.clock]
        rows.append(
            {
                "user": IDS[dialect.user_ids](draw.randrange(n_users)),
                "item": IDS[dialect.item_ids](draw.randrange(n_items)),
                "rating": RATINGS[dialect.ratings](draw.randint(1, 10)),
                "timestamp": spell(second),
                "title": draw.choice(titles),
                "index": str(number),
                "exact": str(exact(second)) if exact else "none",
            }
        )
    return rows


def written(dialect: Dialect, rows: list[dict[str, str]]) -> bytes:
    """Return the file of a dialect.

    Without quoting, as programs write that know of none, a separator inside a field is left as it is.
    """
    columns = dialect.order.split()
    usual = [
        KNOWN_NAMES[name][dialect.names % len(KNOWN_NAMES[name])] if name in KNOWN_NAMES else name for name in columns
    ]
    write = in_lines if dialect.form == "text" else in_json
    return PACKERS[dialect.packing](write(dialect, columns, usual, rows).encode())


def in_json(dialect: Dialect, columns: list[str], usual: list[str], rows: list[dict[str, str]]) -> str:
    """Return an array, or an object a line; numbers in one spelling are no text, as programs write them."""
    objects = [{name: value_of(row[column]) for name, column in zip(usual, columns, strict=True)} for row in rows]
    return json.dumps(objects) if dialect.form == "JSON" else "".join(f"{json.dumps(one)}\n" for one in objects)


def value_of(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else text


def in_lines(dialect: Dialect, columns: list[str], usual: list[str], rows: list[dict[str, str]]) -> str:
    """Return the text of lines with separators."""
    header = {"none": [], "numbers": [list(map(str, range(len(columns))))]}.get(dialect.header, [usual])
    lines = [*header, *([row[column] for column in columns] for row in rows)]
    if dialect.quoting == csv.QUOTE_NONE or dialect.separator == "::":
        text = "".join(dialect.separator.join(line) + dialect.ending for line in lines)
    else:
        stream = io.StringIO()
        csv.writer(
            stream, delimiter=dialect.separator, quoting=dialect.quoting, lineterminator=dialect.ending
        ).writerows(lines)
        text = stream.getvalue()
    if dialect.header == "quoted":
        first, _, rest = text.partition(dialect.ending)
        marked = (name if name.startswith('"') else f'"{name}"' for name in first.split(dialect.separator))
        text = dialect.separator.join(marked) + dialect.ending + rest
    return text


def triples(columns: Columns) -> list[tuple[str, str, int]]:
    found = zip(columns.users.tolist(), columns.items.tolist(), columns.timestamps.tolist(), strict=True)
    return [(str(user), str(item), time) for user, item, time in found]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that Hypothesis may use again and again."""
    return tmp_path_factory.mktemp("dialects")


@settings(max_examples=150)
@given(DIALECTS)
def test_a_dialect_is_read_exactly_or_refused(folder: Path, dialect: Dialect) -> None:
    path, rows = folder / "data.txt", rows_of(dialect)
    path.write_bytes(written(dialect, rows))
    try:
        found = triples(read_file(path, {}))
    except DatasetError:
        return
    assert found == [(row["user"], row["item"], int(row["exact"])) for row in rows]

"""Files: every format gives the same dataset, and whatever is wrong with a file has a clear answer (P1, P2)."""

from __future__ import annotations

import csv
import gzip
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data import formats
from protocol.data.columns import Origin
from protocol.data.dataset import Dataset
from protocol.data.formats import read_file
from protocol.data.loading import load_dataset
from protocol.data.missing import MARKERS
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.columns import Columns

ROWS = [(1, 10, 5.0, 881250100), (1, 20, 3.5, 881250300), (2, 10, 4.0, 881250200)]
HEADER = "user,item,time\n"


def lines(delimiter: str, header: str = "") -> bytes:
    return (header + "".join(delimiter.join(map(str, row)) + "\n" for row in ROWS)).encode()


def parquet(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


INTER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
FRAME = pd.DataFrame(ROWS, columns=["user", "item", "rating", "timestamp"])
FORMATS = {
    "ratings.csv": lines(",", "userId,movieId,rating,timestamp\n"),
    "windows.csv": lines(",", "userId,movieId,rating,timestamp\n").replace(b"\n", b"\r\n"),
    "macintosh.csv": lines(",", "userId,movieId,rating,timestamp\n").replace(b"\n", b"\r"),
    "marked.csv": b"\xef\xbb\xbf" + lines(",", "userId,movieId,rating,timestamp\n"),
    "marked_without_header.csv": b"\xef\xbb\xbf" + lines(","),
    "quoted.csv": b'"user","item","rating","time"\n"1","10","5","881250100"\n"1","20","3.5","881250300"\n'
    b'"2","10","4","881250200"\n',
    "quoted_header.csv": lines(",", '"user","item","rating","time"\n'),
    "blanks.csv": b"user, item, rating, time\n1, 10, 5, 881250100\n1, 20, 3.5, 881250300\n2, 10, 4, 881250200\n",
    "unended.csv": lines(",", "user,item,rating,time\n").rstrip(b"\n"),
    "blank_lines.csv": lines(",", "user,item,rating,time\n").replace(b"\n", b"\n\n"),
    "semicolons.csv": lines(";", "user;item;rating;time\n"),
    "u.data": lines("\t"),
    "ratings.tsv": lines("\t", "user\titem\trating\ttimestamp\n"),
    "ratings.dat": lines("::"),
    "ml.inter": lines("\t", INTER),
    "spaces.txt": lines(" "),
    "reordered.csv": b"time,extra,item,user,rating\n881250100,x,10,1,5\n881250300,y,20,1,3.5\n881250200,z,10,2,4\n",
    "ratings.parquet": parquet(FRAME),
    "ratings.PQ": parquet(FRAME.astype({"user": "uint16", "item": "uint64", "rating": "float32", "timestamp": float})),
}


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_dataset(name: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / (name + ending)
    path.write_bytes(gzip.compress(FORMATS[name]) if ending else FORMATS[name])
    dataset = load_dataset(path)
    assert dataset.user_ids.tolist() == [1, 2]
    assert dataset.item_ids.tolist() == [10, 20]
    assert dataset.interactions.timestamps.tolist() == [881250100, 881250300, 881250200]
    assert (
        dataset.digest == Dataset.from_arrays("", *(FRAME[x].to_numpy() for x in ("user", "item", "timestamp"))).digest
    )
    liked = load_dataset(path, min_rating=4)
    assert liked.interactions.timestamps.tolist() == [881250100, 881250200]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that Hypothesis may use again and again."""
    return tmp_path_factory.mktemp("formats")


def read(folder: Path, content: str | bytes, name: str = "data.csv", **options) -> Columns:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, options.pop("names", {}), **options)


def refused(folder: Path, content: str | bytes, name: str = "data.csv", **options) -> str:
    """Return what is said of a file that cannot be read, with its folder left out."""
    with pytest.raises(DatasetError) as error:
        read(folder, content, name, **options)
    return str(error.value).replace(f"{folder}/", "")


# Blanks around an id are no part of it, what says "missing" is no id, and two spellings of a number are refused.
IDS = (
    st.text(min_size=1)
    .map(str.strip)
    .filter(lambda text: text.casefold() not in MARKERS and not re.fullmatch(r"[-+.eE\d]*", text))
)
NAMED = {"timestamp": "time"}


def rows_of(ids: st.SearchStrategy) -> st.SearchStrategy:
    """Give rows with times of one unit, or of no clock."""
    firsts = st.sampled_from((-(2**63), 0, 10**9, 10**12, 10**15, 10**18))
    times = firsts.map(lambda first: st.integers(first, first + abs(first) // 2 + 99))
    return times.flatmap(lambda time: st.lists(st.tuples(ids, ids, time), min_size=1, max_size=8))


@settings(deadline=None)
@given(rows_of(IDS), st.sampled_from(",;|\t"))
def test_any_text_survives_csv_and_parquet(folder: Path, rows: list[tuple[str, str, int]], delimiter: str) -> None:
    """P2: delimiters, quotes and ends of lines inside ids, too."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("user", "item", "time"), *rows])
    frame = pd.DataFrame(rows, columns=["user", "item", "time"], dtype=object)
    for columns in (
        read(folder, text.getvalue(), names=NAMED),
        read(folder, parquet(frame.astype({"time": "int64"})), "data.parquet", names=NAMED),
    ):
        found = zip(columns.users.tolist(), columns.items.tolist(), columns.timestamps.tolist(), strict=True)
        assert [(str(user), str(item), time) for user, item, time in found] == rows


INTEGERS = st.one_of(st.integers(-20, 20), st.integers(-(2**63), 2**63 - 1))


@settings(deadline=None, max_examples=50)
@given(rows_of(INTEGERS), st.booleans())
def test_any_integers_survive_csv_and_parquet(folder: Path, rows: list[tuple[int, int, int]], quoted: bool) -> None:
    """P2: nothing passes through a float, and whether values are quoted changes nothing."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([("user", "item", "time"), *rows])
    frame = pd.DataFrame(rows, columns=["user", "item", "time"], dtype="int64")
    for columns in (
        read(folder, text.getvalue(), names=NAMED),
        read(folder, parquet(frame), "data.parquet", names=NAMED),
    ):
        assert list(zip(columns.users, columns.items, columns.timestamps, strict=True)) == rows


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 2**31 * 1000), min_size=1, max_size=8), st.sampled_from([0.5, 3.5, 4.1]))
def test_milliseconds_are_read_exactly(folder: Path, milliseconds: list[int], rating: float) -> None:
    """Of up to 15 digits each fraction is the nearest float, whatever release of pandas parses it."""
    rows = "".join(f"1,{item},{ms / 1000:.3f},{rating}\n" for item, ms in enumerate(milliseconds))
    columns = read(folder, "user,item,time,rating\n1,x,0.5,5\n" + rows, with_ratings=True, names=NAMED)
    assert columns.timestamps.tolist() == [500_000, *(1000 * ms for ms in milliseconds)]
    assert columns.ratings.tolist() == [5.0] + [rating] * len(milliseconds)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["8", "007"], ["8", "007"]),
        (["+7", "8"], ["+7", "8"]),
        (["1.5", "1"], ["1.5", "1"]),
        (["1000", "1e4"], ["1000", "1e4"]),
        (["9007199254740993.0", "9007199254740992.0"], ["9007199254740993.0", "9007199254740992.0"]),
        (["8", "\v007"], ["8", "007"]),
        (["-0", "1"], ["-0", "1"]),
        (["9223372036854775807", "-1"], [9223372036854775807, -1]),
        (["9223372036854775808", "1"], ["9223372036854775808", "1"]),
        ([" 7", "8 "], [7, 8]),
        (['5" disk', '"5"" disk"'], ['5" disk', '5" disk']),
        (["True", "False"], ["True", "False"]),
        (["Nobody", "NAT-1"], ["Nobody", "NAT-1"]),
    ],
)
def test_ids_lose_nothing(ids: list[str], expected: list, tmp_path: Path) -> None:
    """P2: an id keeps its text unless all are integers in plain form."""
    content = HEADER + "".join(f"{raw_id},x,1\n" for raw_id in ids)
    assert read(tmp_path, content).users.tolist() == expected


def test_a_repeated_pair_counts_once_at_its_first_time(tmp_path: Path) -> None:
    """P1."""
    (tmp_path / "data.csv").write_text(HEADER + "1,10,9\n1,20,5\n1,10,3\n")
    dataset = load_dataset(tmp_path / "data.csv")
    assert (len(dataset.interactions), dataset.n_duplicates) == (2, 1)
    assert dataset.interactions.timestamps.tolist() == [3, 5]


MISTAKES = {
    "no time": (
        "user,item\n1,2\n",
        "data.csv has no timestamp column; it has user, item; name it with --columns",
    ),
    "no item": ("user,time\n1,2\n", "data.csv has no item column; it has user, time"),
    "a word for a time": (
        HEADER + "1,10,5\n1,20,noon\n2,20,\n",
        "data.csv, line 3: the timestamp is 'noon', expected a number, such as Unix seconds, or a date as 2024-05-31 "
        "(2 such in all)",
    ),
    "a date in another order": (HEADER + "1,10,01/05/2024\n", "line 2: the timestamp is '01/05/2024', expected a num"),
    "no end of time": (HEADER + "1,10,inf\n", "line 2: the timestamp is 'inf', expected a number"),
    "a time without end": (HEADER + f"1,10,{10**30}\n", f"line 2: the timestamp {10**30} is too large; expected Unix"),
    "a missing id": (HEADER + "1,10,5\n,20,6\n", "data.csv, line 3: the user is missing (so are 1 in all); fill in or"),
    "a missing text": (HEADER + "a,10,5\nb,,6\nb,nan,6\n", "line 3: the item is missing (so are 2 in all)"),
    "without header": ("1,10,881250949\n1,noon,x\n", "data.csv, line 2: the timestamp is 'x'"),
    "after a blank line": (HEADER + "\n1,10,5\n\n1,20,x\n", "data.csv, row 2: the timestamp is 'x'"),
    "after a long value": (HEADER + '"a\nb",10,5\n1,20,x\n', "data.csv, row 2: the timestamp is 'x'"),
    "quoted": (HEADER + '"a",10,5\n1,20,x\n', "data.csv, line 3: the timestamp is 'x'"),
    "nothing": ("", "data.csv is empty; expected one interaction a line"),
    "only a mark": (b"\xef\xbb\xbf\n", "data.csv is empty; expected one interaction a line"),
    "only a header": (HEADER, "data.csv has a header and no rows; expected one interaction a line"),
    "half a line": (
        HEADER + "1,10,5\n1,2",
        "data.csv: its last line, '1,2', has 2 columns, expected 3; the file was cut short: get it again",
    ),
    "less than half a line": (HEADER + "1,10,5\n1", "its last line, '1', has 1 column, expected 3; the file was cut"),
    "a time cut off": (HEADER + "1,10,5\n1,20,", "data.csv, line 3: the timestamp is ''"),
    "half a quoted line": (
        HEADER + '1,10,5\n"1',
        "line 3: the file ends inside quotation marks; is a closing quote missing? If not, the file was cut short",
    ),
    "a short line": (
        HEADER + "1,10\n1,20,5\n",
        "data.csv: line 2, '1,10', has 2 columns, expected 3; mend or remove it",
    ),
    "a long line": (
        HEADER + "1,10,5\n1,20,5,7\n",
        "its last line, '1,20,5,7', has 4 columns, expected 3; mend or remove",
    ),
    "a short and a long one": ("user,item,time,x\n1,10,5\n1,20,5,7,9\n", "data.csv: line 2, '1,10,5', has 3 columns"),
    "the same, quoted": ('user,item,time,x\n"1",10,5\n1,20,5,7,9\n', "data.csv: line 2, '1,10,5', has 3 columns"),
    "a comma in quotes hides nothing": (
        HEADER + '"a,b",10,5\n1,20\n2,10,3\n',
        "data.csv: line 3, '1,20', has 2 columns",
    ),
    "a short line below a quoted header": (
        '"user","item, or what","item","time"\n1,x,10,5\n1,x,20\n2,x,10,3\n',
        "data.csv: line 3, '1,x,20', has 3 columns, expected 4; mend or remove it",
    ),
    "a quote never closed": (
        HEADER + '"1,10,5\n1,20,6\n',
        "line 3: the file ends inside quotation marks; is a closing quote",
    ),
    "a quote never closed for long": (HEADER + '"' + "1,10,5\n" * 20_000, "is a closing quote missing?"),
    "colons and tabs": ("1::a\tb::5::100\n", "data.csv is separated by '::' but has tabs in it, too"),
    "no delimiter": ("user\n1\n", "its first line, 'user', has one column only; expected user, item and timestamp"),
    "another encoding": (HEADER.encode() + b"\xe9t\xe9,1,1\n", "data.csv is not UTF-8 text (invalid continuation byte"),
    "another encoding of the header": (b"us\xe9r,item,time\n", "data.csv is not UTF-8 text"),
    "16 bits": (
        (HEADER + "1,2,3\n").encode("utf-16"),
        "data.csv is UTF-16 text; expected a table",
    ),
    "half a gzip": (gzip.compress(HEADER.encode() * 9)[:-9], "data.csv is a damaged gzip file (Compressed file ended"),
    "a bent gzip": (gzip.compress(b"1,2,3\n")[:10] + b"\x07" * 20, "data.csv is a damaged gzip file (Error -3 while"),
    "a gzip of other bytes": (gzip.compress(b"1,2,3\n")[:-8] + bytes(8), "is a damaged gzip file (CRC check failed"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_file_has_a_clear_answer(mistake: str, tmp_path: Path) -> None:
    content, answer = MISTAKES[mistake]
    assert answer in refused(tmp_path, content)


def test_no_times_at_all_name_the_choices(tmp_path: Path) -> None:
    answer = refused(tmp_path, "user,item\n1,2\n")
    assert "leave-last-out is impossible" in answer
    assert "--columns timestamp=NAME" in answer
    assert "--dataset ncf:PREFIX" in answer


@given(st.data())
@settings(deadline=None)
def test_a_line_without_its_last_columns_is_never_taken(folder: Path, data: st.DataObject) -> None:
    """Wherever a file is cut before its last column, the answer is an error; only inside it this cannot be noticed."""
    whole = HEADER + "1,10,5\n22,33,44\n"
    cut = data.draw(st.integers(len(HEADER + "1,10,5\n") + 1, len(whole) - len("44\n")))
    assert "data.csv" in refused(folder, whole[:cut])


def test_a_rating_that_is_none(tmp_path: Path) -> None:
    content = "user,item,rating,time\n1,10,good,5\n"
    assert "line 2: the rating is 'good', expected a number" in refused(tmp_path, content, with_ratings=True)
    assert read(tmp_path, content).ratings is None


def test_columns_may_be_named(tmp_path: Path) -> None:
    columns = read(tmp_path, "who,what,when\n1,2,3\n", names={"user": "who", "item": "what", "timestamp": "when"})
    assert [x.tolist() for x in (columns.users, columns.items, columns.timestamps)] == [[1], [2], [3]]


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is a folder without files; expected the parts of one"):
        read_file(tmp_path, {})
    with pytest.raises(DatasetError, match="is not there"):
        read_file(tmp_path / "nothing.csv", {})


def test_what_the_system_does_not_let_us_read(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "data.csv"
    path.write_text(HEADER)

    def denied(_: Path, mode: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)
    with pytest.raises(DatasetError, match=r"data\.csv cannot be read: Permission denied"):
        read_file(path, {})


TIMES = pd.to_datetime([1, 2], unit="s")
PARQUET_MISTAKES = {
    "no time": ({"user": [1, 2], "item": [1, 2]}, "data.parquet has no timestamp column; it has user, item"),
    "a missing id": ({"user": [1, None], "item": [1, 2], "time": [1, 2]}, "data.parquet, row 2: the user is missing"),
    "a missing text": ({"user": ["a", None], "item": [1, 2], "time": [1, 2]}, "row 2: the user is missing"),
    "a missing time": ({"user": [1, 2], "item": [1, 2], "time": [1, None]}, "row 2: the timestamp is 'nan'"),
    "a missing date": ({"user": [1, 2], "item": [1, 2], "time": [TIMES[0], None]}, "row 2: the timestamp is 'NaT'"),
    "a word for a time": ({"user": [1, 2], "item": [1, 2], "time": ["1", "noon"]}, "row 2: the timestamp is 'noon'"),
    "lists": ({"user": [[1], [2]], "item": [1, 2], "time": [1, 2]}, "has lists or records as user (list<"),
    "no rows": ({"user": [], "item": [], "time": []}, "data.parquet has no rows; expected one interaction each"),
}


@pytest.mark.parametrize("mistake", PARQUET_MISTAKES)
def test_a_mistake_in_parquet_has_a_clear_answer(mistake: str, tmp_path: Path) -> None:
    columns, answer = PARQUET_MISTAKES[mistake]
    assert answer in refused(tmp_path, parquet(pd.DataFrame(columns)), "data.parquet")


@pytest.mark.parametrize(
    "damage", [lambda raw: b"", lambda raw: raw[:-20], lambda raw: raw[:40] + b"\xff" * 400 + raw[440:]]
)
def test_damaged_parquet_is_refused(damage, tmp_path: Path) -> None:
    raw = parquet(pd.DataFrame({"user": range(999), "item": range(999), "time": range(999)}))
    assert "data.parquet cannot be read as Parquet" in refused(tmp_path, damage(raw), "data.parquet")


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_points_in_time_are_microseconds_whatever_their_type(zone: str | None, unit: str, tmp_path: Path) -> None:
    times = TIMES.as_unit(unit) if zone is None else TIMES.as_unit(unit).tz_localize("UTC").tz_convert(zone)
    frame = pd.DataFrame({"user": [1, 2], "item": [1, 2], "time": times})
    assert read(tmp_path, parquet(frame), "data.parquet").timestamps.tolist() == [1_000_000, 2_000_000]


def test_categories_are_ids_like_others(tmp_path: Path) -> None:
    frame = pd.DataFrame({"user": pd.Categorical(["b", "a"]), "item": [1, 2], "time": [1, 2]})
    assert read(tmp_path, parquet(frame), "data.parquet").users.tolist() == ["b", "a"]


def test_what_a_long_column_holds_late_counts_for_all_of_it(folder: Path) -> None:
    """It is read in parts; one text makes all of its ids texts, as they are written, and one half all times numbers."""
    n = 300_000
    users, times = [str(1_000 + row % 7) for row in range(n)], [str(10**9 + row) for row in range(n)]

    def columns(users: list[str], times: list[str]) -> Columns:
        rows = "".join(f"{user},{row},{time}\n" for row, (user, time) in enumerate(zip(users, times, strict=True)))
        return read(folder, "user,item,timestamp\n" + rows)

    texts = columns([*users[:-1], "abc"], times).users
    assert [texts[0], texts[-2], texts[-1]] == ["1000", users[-2], "abc"]
    halves = columns(users, [*times[:-1], "1000299999.5"]).timestamps
    assert [int(halves[0]), int(halves[-1])] == [1_000_000_000_000_000, 1_000_299_999_500_000], "in microseconds"


def test_a_format_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up format: a line of users, one of items and one of times."""

    def read(file, names, wanted):
        columns = [np.array(line.split(), dtype=np.int64) for line in file.content().splitlines()]
        found = dict(zip(("user", "item", "timestamp"), columns, strict=True))
        return {column: found[column] for column in wanted}, Origin(str(file), "column", 1)

    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, formats.Format((".columnar",), read)))
    path = tmp_path / "mine.columnar.gz"
    path.write_bytes(gzip.compress(b"1 1 2\n10 20 10\n5 6 7\n"))
    dataset = load_dataset(path)
    assert dataset.interactions.users.tolist() == [0, 0, 1]
    assert dataset.item_ids[dataset.interactions.items].tolist() == [10, 20, 10]
    assert dataset.interactions.timestamps.tolist() == [5, 6, 7]

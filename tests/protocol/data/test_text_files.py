"""Text files: what is in doubt is refused, with what settles it; what is not is read exactly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.data import text_files
from protocol.data.formats import read_file
from protocol.data.loading import load_dataset
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.columns import Columns

HEADER = "user_id,item_id,title,timestamp\n"
PLAYS = "".join(f"u{row % 4}\ts{row}\t{1 + row % 5 // 2}\n" for row in range(40))
RATED = "".join(f"{row % 4},{row},{10**9 + row},{1 + row % 5}\n" for row in range(40))


def read(folder: Path, content: str | bytes, **names: str) -> Columns:
    path = folder / "data.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, names)


def refused(folder: Path, content: str | bytes, **names: str) -> str:
    """Return what is said of a file that is refused, in less than a page."""
    with pytest.raises(DatasetError) as error:
        read(folder, content, **names)
    assert len(str(error.value)) < 1_500
    return str(error.value).replace(f"{folder}/", "")


DOUBTS = {
    "play counts without a header": (
        PLAYS,
        "data.csv has no header, so that its columns are taken as user=0,item=1,timestamp=2, counted from 0; but the "
        "timestamp is 1 to 3, which is not all Unix times. If",
    ),
    "a rating last": (RATED, "its column 2 (counted from 0) is times, '1000000000'; expected user"),
    "a rating for a time": ("ann,book,4.5\nann,film,3\nbob,book,5\n", "the timestamp is 3 to 5, which"),
    "a title for a rating": ("ann\tbook\tA tale\t1000000000\n", "its column 2 (counted from 0) is text, 'A tale'"),
    "numbers of rows": (
        "".join(f"{row},{row % 4},{row},{10**9 + row}\n" for row in range(9)),
        "but all 9 users are different, as the numbers of rows are",
    ),
    "a header of numbers": ("0,1,2\n7,8,1000000000\n", "its first line, '0,1,2', looks like a header of numbers"),
    "a header with a number, of unusual names": (
        "who,what,0\n" + "".join(f"{row % 4},{row},{10**9 + row}\n" for row in range(99)),
        "but the timestamp is 0 to 1,000,000,098, which is not all Unix times",
    ),
    "sizes of groups": ("user_id,item_id,0\n25,15,5\n", "data.csv has no timestamp column; it has user_id, item_id, 0"),
    "two columns for one": (
        "user_id,item_id,time,timestamp\n1,2,3,1000000000\n",
        "data.csv has several columns that may be the timestamp: time, timestamp; name it with --columns",
    ),
    "a title and a number of the film": ("user,movie,movie_id,ts\n1,Alien,2,3\n", "the item: movie, movie_id; name it"),
    "rounded times": (
        "user,item,time\n1,2,1.40E+09\n1,3,1.41E+09\n",
        "line 2: the timestamp is '1.40E+09': in this spelling its last digits are lost (2 such in all)",
    ),
    "times to six digits": ("user,item,time\n1,2,1.40905e+09\n1,3,1.4e+09\n", "its last digits are lost"),
    "seconds and milliseconds": (
        "user,item,time\n1,2,1400000000\n1,3,1400000000000\n1,4,1400000001\n",
        "line 3: the timestamp is 1400000000000, which looks like Unix milliseconds among others (2 in seconds",
    ),
    "a carriage return inside": ("user,item,time\n1,2\r,3\n", "line 2: there is a carriage return inside the line"),
    "a carriage return inside a header": ("user,it\rem,time\n1,2,3\n", "line 1: there is a carriage return inside"),
    "a carriage return beside quotes": ('user,item,time\n1,"2",3\n1\r,"2",3\n', "line 3: there is a carriage return"),
    "colons: a carriage return": ("1::2::3::1000000000\n1::3\r::3::1000000000\n", "line 2: there is a carriage return"),
    "colons: an empty field": ("user::item::time\n::2::3\n", "line 2: the user is missing"),
    "colons: more at the end": (
        "1::2::3::1000000000\n1::3::3::1000000000::x\n",
        "its last line, '1::3::3::1000000000::x', has 5 columns, expected 4; mend or remove it",
    ),
    "colons: text at the end": ("user::item::time\n1::2::3 and more\n", "the timestamp is '3 and more', expected a"),
    "colons: single ones": ("user::item::time\n1:2:::3\n", "its last line, '1:2:::3', has 2 columns, expected 3"),
    "a long number for a time": ("user,item,time\n1,2," + "9" * 140_000 + "\n", "line 2: the timestamp"),
    "a long word for a time": ("user,item,time\n1,2," + "x" * 140_000 + "\n", f"the timestamp is '{'x' * 60}...'"),
    "a long line": ("user,item,time\n1,2,3," + "9" * 140_000 + "\n", "has 4 columns, expected 3"),
    "thousands of columns": (
        ",".join(f"column {number}" for number in range(5_000)) + "\n",
        "it has column 0, column 1, column 2, column 3, column 4, column 5, column 6, column 7, column 8, column 9, "
        "column 10, column 11 and 4,988 more; name it",
    ),
    "thousands of numbers": (",".join("1" * 5_000) + "\n", "has no header and 5,000 columns"),
    "an open quote": (
        HEADER + '1,10,"Heroes,100\n1,11,Low,101\n1,13,"Helden,103\n',
        "line 4: there is text after a closing quotation mark",
    ),
    "a lone quote twice": (
        HEADER + '1,10,",100\n1,11,Low,101\n1,13,",103\n',
        "line 2: a quotation mark opens a field that goes on for 3 lines, of which the first and the last look",
    ),
    "a quote never closed, last": (
        "user,item,timestamp,title\n1,10,100,Low\n1,11,101,\"Heroes\n1,12,102,Low\n",
        "line 4: the file ends inside quotation marks; is a closing quote missing?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_in_doubt_is_refused(doubt: str, tmp_path: Path) -> None:
    content, answer = DOUBTS[doubt]
    assert answer in refused(tmp_path, content)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_titles_that_begin_with_a_quotation_mark_swallow_nothing(ending: str, tmp_path: Path) -> None:
    """A TSV quotes nothing: five rows, items 10 to 14, times 100 to 104."""
    titles = ('"Heroes', "Low", "Lodger", '"Helden', '"')
    rows = [f"1\t{10 + row}\t{title}\t{100 + row}" for row, title in enumerate(titles)]
    columns = read(tmp_path, ending.join(("user_id\titem_id\ttitle\ttimestamp", *rows, "")))
    assert columns.items.tolist() == [10, 11, 12, 13, 14]
    assert columns.timestamps.tolist() == [100, 101, 102, 103, 104]
    assert columns.reading is not None
    assert columns.reading.quoted is False


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ('"ann"', ["ann", "ann"]),
        ('"the ""ann"""', ['the "ann"', 'the "ann"']),
        ('"a\tb"', ["a\tb", "a\tb"]),
    ],
)
def test_a_tsv_that_shows_its_quotes_has_them(field: str, expected: list[str], tmp_path: Path) -> None:
    columns = read(tmp_path, f"user\titem\ttime\n{field}\t1\t100\n{field}\t2\t101\n")
    assert columns.users.tolist() == expected


def test_a_tsv_with_quotes_in_some_fields_keeps_them(tmp_path: Path) -> None:
    """If quotes were around fields, the second row would have them, too."""
    assert read(tmp_path, 'user\titem\ttime\n"ann"\t1\t100\nbob\t2\t101\n').users.tolist() == ['"ann"', "bob"]


def test_a_title_with_quotes_inside_is_no_doubt(tmp_path: Path) -> None:
    content = HEADER + '1,10,"Weird Al" Yankovic,100\n1,11,5" disk,101\n'
    assert read(tmp_path, content).timestamps.tolist() == [100, 101]


@pytest.mark.parametrize("mark", ['"', "x"])
def test_colons_have_no_quotes(mark: str, tmp_path: Path) -> None:
    rows = "".join(f"{row % 3}::{row}::{mark}::{10**9 + row}\n" for row in range(9))
    columns = read(tmp_path, "user::item::title::timestamp\n" + rows)
    assert columns.items.tolist() == list(range(9))
    assert columns.timestamps.tolist() == [10**9 + row for row in range(9)]


def test_a_quoted_field_may_be_of_any_length(tmp_path: Path) -> None:
    """Python's csv module takes 131,072 characters by default."""
    text = "good, " * 50_000
    columns = read(tmp_path, HEADER + f'1,10,"{text}",100\n1,11,"short, too",101\n')
    assert columns.timestamps.tolist() == [100, 101]


def test_a_quoted_name_of_a_column_may_be_of_any_length(tmp_path: Path) -> None:
    columns = read(tmp_path, f'user,item,time,"{"good, " * 50_000}"\n1,10,100,5\n1,11,101,5\n')
    assert columns.timestamps.tolist() == [100, 101]


def test_doubtful_quotes_are_settled_by_tabs(tmp_path: Path) -> None:
    content = HEADER + '1,10,"Heroes,100\n1,11,Low,101\n1,13,"Helden,103\n'
    assert "If the marks are part of the text, put tabs between the fields" in refused(tmp_path, content)
    assert read(tmp_path, content.replace(",", "\t")).timestamps.tolist() == [100, 101, 103]


def test_the_first_row_of_a_tsv_quotes_nothing(tmp_path: Path) -> None:
    rows = "".join(f'{row % 2}\t{row}\t"Heroes\t{10**9 + row}\n' for row in range(4))
    columns = read(tmp_path, rows, user="0", item="1", timestamp="3")
    assert columns.items.tolist() == [0, 1, 2, 3]


def test_a_review_of_several_lines_is_one_field(tmp_path: Path) -> None:
    """Its first line has as many commas as a row, but no time where one is wanted."""
    columns = read(tmp_path, HEADER + '1,10,"Great, I\nloved it, too",100\n1,11,Low,101\n')
    assert columns.timestamps.tolist() == [100, 101]


def test_a_header_with_an_unnamed_column_is_a_header(tmp_path: Path) -> None:
    """pandas calls a column without a name 0, and an index nothing at all."""
    for header in ("user_id,item_id,timestamp,0", "user_id,item_id,timestamp,"):
        assert read(tmp_path, f"{header}\n25,15,1409054355,1\n25,44,1408449286,1\n").users.tolist() == [25, 25]


@pytest.mark.parametrize("header", ["", "0,1,2\n", "who,what,how often\n"])
def test_what_the_user_says_settles_a_doubt(header: str, tmp_path: Path) -> None:
    columns = read(tmp_path, header + PLAYS.replace("\t", ","), user="0", item="1", timestamp="2")
    assert (columns.users.tolist()[:2], columns.timestamps.tolist()[:5]) == (["u0", "u1"], [1, 1, 2, 2, 3])


def test_times_in_full_with_an_exponent_are_read(tmp_path: Path) -> None:
    columns = read(tmp_path, "user,item,time\n1,2,1.409054355e+09\n1,3,1.40905436e+09\n")
    assert columns.timestamps.tolist() == [1_409_054_355, 1_409_054_360]


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "expected"),
    [("ml-1m/ml-1m.order.tsv", (6040, 3706, 1_000_209)), ("ml-latest-small/ratings.csv", (610, 9724, 100_836))],
)
def test_real_files_are_in_no_doubt(name: str, expected: tuple[int, int, int], real_data: Path) -> None:
    found = load_dataset(real_data / name).interactions
    assert (found.n_users, found.n_items, len(found)) == expected


@given(st.text("01,\n a", max_size=40).map(str.encode), st.integers(1, 9))
def test_leading_zeros_are_found_wherever_the_blocks_begin(content: bytes, block: int) -> None:
    with mock.patch.object(text_files, "_CHECKED_BYTES", block):
        found = text_files._may_have_leading_zeros(content, ord(","))
    assert found == (re.search(rb"[, \n]0[01]", content) is not None)


@pytest.mark.parametrize("rows", ["007,b,1\n7,b,2\n", "7,b,1\n007,b,2\n", "7,b,1\n 007,b,2\n"])
def test_a_number_in_two_spellings_is_found_in_any_row_without_a_header(rows: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows.replace(",1\n", ",1000000000\n").replace(",2\n", ",1000000001\n"))
    with pytest.raises(DatasetError, match="the same number"):
        load_dataset(path)

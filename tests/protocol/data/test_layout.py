"""How a table is laid out: delimiter, header, columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.data.layout import DELIMITERS, Layout, sniff
from protocol.errors import DatasetError

PATH = Path("data.txt")
PLAIN = ("user", "item", "timestamp")
RATED = (*PLAIN, "rating")


def layout_of(line: str, wanted: tuple[str, ...] = PLAIN, **names: str) -> Layout:
    return sniff(PATH, line, names, wanted)


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_delimiter_is_found(delimiter: str) -> None:
    """As in MovieLens: user, item, rating, timestamp."""
    layout = layout_of(delimiter.join(("1", "10", "5", "881250949")), RATED)
    assert layout == Layout(delimiter, 4, {"user": 0, "item": 1, "timestamp": 3, "rating": 2}, has_header=False)


def test_three_columns_without_header_have_no_rating() -> None:
    assert layout_of("ann,book,881250949").positions == {"user": 0, "item": 1, "timestamp": 2}


@pytest.mark.parametrize(
    ("header", "positions"),
    [
        ("userId,movieId,rating,timestamp", (0, 1, 3, 2)),
        ("user_id:token\titem_id:token\trating:float\ttimestamp:float", (0, 1, 3, 2)),
        ("Stars;Time;ITEM_ID;UserID;Remark", (3, 2, 1, 0)),
        ('"uid"|"product_id"|"score"|"unixtime"', (0, 1, 3, 2)),
        ("user::item::rating::ts", (0, 1, 3, 2)),
        (' user , "movie", stars,datetime', (0, 1, 3, 2)),
    ],
)
def test_usual_headers_are_known(header: str, positions: tuple[int, ...]) -> None:
    layout = layout_of(header, RATED)
    assert layout.has_header
    assert layout.positions == dict(zip(RATED, positions, strict=True))


def test_one_number_makes_a_line_of_data() -> None:
    assert not layout_of("ann,book,5,881250949").has_header
    assert layout_of("user,item,time").has_header


def test_quotes_hide_delimiters() -> None:
    assert layout_of('"ann, the first","a, b",1').n_fields == 3
    assert layout_of('"item, or so",user,time', item="item, or so").positions == {"user": 1, "item": 0, "timestamp": 2}


def test_names_mean_a_header_and_go_before_the_usual() -> None:
    """The file has a column called item, but the user says that b is the item."""
    layout = layout_of("1,b,item,time", user="1", item="b")
    assert (layout.has_header, layout.positions) == (True, {"user": 0, "item": 1, "timestamp": 3})


@pytest.mark.parametrize(
    ("line", "names", "answer"),
    [
        (
            "a,item,time",
            {},
            "data.txt has no user column; it has a, item, time; name it with --columns user=NAME",
        ),
        ("user,b,time", {}, "data.txt has no item column"),
        ("user,item,c", {}, "name it with --columns timestamp=NAME. Without times the latest interaction is unknown"),
        ("user,item,time", {"user": "who"}, "data.txt has no column 'who'; it has user, item, time"),
        ("user,item,time", {"who": "user"}, "--columns names who; expected user, item, timestamp, rating"),
        ("user,item,time", {"item": "user"}, "one column cannot be two things (user=user, item=user, timestamp=time)"),
        ("user,item,time,user", {}, "data.txt has several columns 'user'; rename or remove all but one"),
        (
            "1,2",
            {},
            "data.txt has no header and 2 columns; without a header user, item[, rating], timestamp are expected",
        ),
        ("1,2", {}, "Without times the latest interaction is unknown"),
        ("1,2,3,4,5", {}, "data.txt has no header and 5 columns"),
        ("user", {}, "data.txt: its first line, 'user', has one column only"),
    ],
)
def test_what_does_not_fit_is_an_error(line: str, names: dict[str, str], answer: str) -> None:
    with pytest.raises(DatasetError) as error:
        layout_of(line, **names)
    assert answer in str(error.value)


def test_a_wanted_rating_must_be_there() -> None:
    with pytest.raises(DatasetError, match="without a header user, item, rating, timestamp are expected"):
        layout_of("1,2,3", RATED)
    with pytest.raises(DatasetError, match="has no rating column; it has user, item, time"):
        layout_of("user,item,time", RATED)

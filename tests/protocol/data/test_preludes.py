"""What is above a table of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from data_files import HEADER, ROWS, TRIPLES, refused, triples, written

if TYPE_CHECKING:
    from pathlib import Path

SEMICOLONS = (HEADER + ROWS).replace(",", ";")
READ = {
    "separator": "sep=;\n" + SEMICOLONS,
    "separator, Windows": ("sep=;\n" + SEMICOLONS).replace("\n", "\r\n"),
    "separator in quotes": '"sep=;"\n' + SEMICOLONS,
    "another separator": "sep=^\n" + SEMICOLONS.replace(";", "^"),
    "comments": "# MovieLens\n# of 1998, by GroupLens\n" + HEADER + ROWS,
    "comments without header": "# MovieLens\n#\n" + ROWS,
    "a comment as header": "# made in 2024\n#timestamp,item,user\n881250100,10,1\n881250300,20,1\n881250200,10,2\n",
    "a comment as header, blank": "# timestamp,item,user\n881250100,10,1\n881250300,20,1\n881250200,10,2\n",
    "KONECT": "% bip weighted\n% 3 2 2 1\n" + ROWS.replace(",", " "),
    "row names of R": '"user" "item" "time"\n"1" 1 10 881250100\n"2" 1 20 881250300\n"7" 2 10 881250200\n',
    "row names of R, not in order": '"user" "item" "time"\n"7" 1 10 881250100\n"2" 1 20 881250300\n"3" 2 10 881250200',
    "lined up with blanks": "user  item  time \n1     10    881250100\n1     20    881250300\n2     10    881250200\n",
    "lined up on the right": "  1  10  881250100\n  1  20  881250300\n  2  10  881250200\n",
    "lined up, with row names": "  user item time\n1    1   10 881250100\n2    1   20 881250300\n7    2   10 881250200",
    "an empty column": "user item note time\n1 10  881250100\n1 20  881250300\n2 10  881250200\n",
    "row names of R, commas": '"user","item","time"\n"1",1,10,881250100\n"2",1,20,881250300\n"7",2,10,881250200\n',
    "row names of R, tabs": "user\titem\ttime\n1\t1\t10\t881250100\n2\t1\t20\t881250300\n7\t2\t10\t881250200\n",
}


@pytest.mark.parametrize("kind", READ)
def test_what_programs_write_above_a_table_is_no_row(kind: str, tmp_path: Path) -> None:
    assert triples(written(tmp_path / "data.txt", READ[kind])) == TRIPLES


def test_a_named_comment_is_the_header(tmp_path: Path) -> None:
    path = written(tmp_path / "data.txt", "#when,what,who\n100,10,1\n")
    names = {"user": "who", "item": "what", "timestamp": "when"}
    assert triples(path, columns=names) == [(1, 10, 100)]


REFUSED = {
    "a comment or a row": ("#a,10,100\nb,20,881250300\n", "line 1: 'a,10,100' after '#' may be a comment or a row"),
    "lines are counted from the first": (
        "sep=;\n# comment\n" + SEMICOLONS + "1;30;4;x\n",
        "line 7: the timestamp is 'x'",
    ),
    "a delimiter at the end": ("user,item,time\n1,10,100,\n2,20,300,\n", "line 2, '1,10,100,', has 4 columns"),
    "a missing value among blanks": ("user item time n\n1  100 5\n2 20 300 5\n", "line 2: the item is missing"),
    "a clock before ids with the separator": (
        "time,user,item\n881250100,1,a;b,c\n881250200,2,d;e,f\n881250300,3,g,h\n",
        "line 2, '881250100,1,a;b,c', has 4 columns",
    ),
    "numbers of rows before ids with the separator": (
        "index,user,item,time\n1,7,a;b,c,881250100\n2,7,d;e,f,881250200\n3,8,g,h,881250300\n",
        "line 2, '1,7,a;b,c,881250100', has 5 columns",
    ),
    "numbers from 0, which R does not have": ("user,item,time\n0,1,10,881250100\n1,1,20,881250300\n", "has 4 columns"),
    "a column too many": ("user,item,time\n1,10,100,5\n1,20,300,4\n", "line 2, '1,10,100,5', has 4 columns"),
    "no character": (b"sep=\xff\n" + (HEADER + ROWS).encode(), "is not UTF-8 text"),
    "a quotation mark": ('sep="\n' + HEADER + ROWS, "has one column only"),
    "another separator than said": ("sep=;\n" + HEADER + ROWS, "has one column only"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_may_be_a_row_is_never_dropped(kind: str, tmp_path: Path) -> None:
    content, answer = REFUSED[kind]
    assert answer in refused(written(tmp_path / "data.txt", content))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_of_blank_lines_is_refused_at_once(end: str, tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", HEADER + ROWS + end * 5_000_000)
    assert "has 5,000,004 lines, most of them blank; expected one interaction a line" in refused(path)


def test_a_blank_line_after_each_row_is_no_harm(tmp_path: Path) -> None:
    rows = "".join(f"1,{item},{item}\n\n" for item in range(20_000))
    assert len(triples(written(tmp_path / "data.csv", "user,item,time\n\n" + rows))) == 20_000

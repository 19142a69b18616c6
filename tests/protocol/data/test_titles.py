"""Titles of items are read from the files that come with datasets, and from tables of users."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from protocol.data.files import DataFile
from protocol.data.titles import read_titles
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "u.item, in Latin-1": "1|Toy Story (1995)|01-Jan-1995||http://x|0|1\n2|Misérables, Les (1995)|||0\n".encode(
        "latin-1"
    ),
    "movies.dat": "1::Toy Story (1995)::Animation\n2::Misérables, Les (1995)::Drama|Musical\n".encode("latin-1"),
    "movies.csv": 'movieId,title,genres\n1,Toy Story (1995),A|B\n2,"Misérables, Les (1995)",Drama\n'.encode(),
    "RecBole's": "item_id:token\tmovie_title:token_seq\trelease_year:token\n1\tToy Story\t1995\n"
    "2\tMisérables, Les\t1995\n".encode(),
    "a spreadsheet's": "\ufefftitle;price;Item\nToy Story (1995);3;1\n Misérables,  Les (1995) ;4; 2\n".encode(),
    "no header": '1,Toy Story (1995)\n2,"Misérables, Les (1995)"\n'.encode(),
    "other names": 'film,called\n1,Toy Story (1995)\n2,"Misérables, Les (1995)"\n'.encode(),
}


@pytest.mark.parametrize("kind", FILES)
def test_titles_by_the_ids_of_items(kind: str, tmp_path: Path) -> None:
    (tmp_path / "titles").write_bytes(FILES[kind])
    found = read_titles(DataFile(tmp_path / "titles"))
    assert {name: title for name, title in found.items() if name != "film"} == {
        "1": "Toy Story (1995)",
        "2": "Misérables, Les (1995)",
    }


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "titles.csv.gz").write_bytes(gzip.compress(b"item,title\na,One\n"))
    assert read_titles(DataFile(tmp_path / "titles.csv.gz")) == {"a": "One"}


def test_a_line_without_a_title_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "titles").write_bytes(b"item,title\na\nb,Two\n\nc,Three\n")
    assert read_titles(DataFile(tmp_path / "titles")) == {"b": "Two", "c": "Three"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "it is empty"), (b"only\none\ncolumn\n", "has no titles; expected"), (b"item,title\n", "has no titles")],
)
def test_a_file_without_titles_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "titles").write_bytes(content)
    with pytest.raises(DatasetError, match=problem):
        read_titles(DataFile(tmp_path / "titles"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises((DatasetError, OSError), match=r"titles\.csv|No such file"):
        read_titles(DataFile(tmp_path / "titles.csv"))

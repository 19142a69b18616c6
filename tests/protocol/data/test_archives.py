"""Zip archives: the only file in one, or one of several."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from data_files import HEADER, ROWS, TRIPLES, refused, triples, written, zipped

from protocol.data.archives import extracted
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

DATA = HEADER + ROWS


@pytest.mark.parametrize(
    "members",
    [
        {"ratings.csv": DATA},
        {"deep/in/it/ratings.csv": DATA},
        {"ratings.csv": DATA, "__MACOSX/._ratings.csv": "x", ".DS_Store": "x", "empty/": ""},
    ],
)
def test_the_only_file_is_read(members: dict[str, str], tmp_path: Path) -> None:
    assert triples(written(tmp_path / "data.zip", zipped(**members))) == TRIPLES


def test_one_of_several_is_named_after_the_archive(tmp_path: Path) -> None:
    path = written(tmp_path / "ml.zip", zipped(**{"ml/ratings.csv": DATA, "ml/movies.csv": "movieId,title\n"}))
    assert triples(path / "ml" / "ratings.csv") == TRIPLES
    assert "say which one, as in " in refused(path)
    assert "it has ml/ratings.csv, ml/movies.csv" in refused(path)
    assert "has no ml/tags.csv in it; it has ml/ratings.csv" in refused(path / "ml" / "tags.csv")


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("ratings.csv", "w") as member:
        for _ in range(65):
            member.write(bytes(2**20))
    with pytest.raises(DatasetError, match=r"data\.zip, ratings\.csv has .+ bytes and unpacks to more than"):
        extracted(archive, "ratings.csv", tmp_path / "ratings.csv")
    assert not (tmp_path / "ratings.csv").exists()


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"[Content_Types].xml": "", "xl/workbook.xml": ""}, "is an Excel file: save it as CSV"),
        ({"a.npy": "", "b.npy": ""}, "is a file of NumPy arrays (npz)"),
        ({"empty/": ""}, "is a zip archive without a file in it"),
    ],
)
def test_an_archive_without_data_is_refused(members: dict[str, str], answer: str, tmp_path: Path) -> None:
    assert answer in refused(written(tmp_path / "data.zip", zipped(**members)))


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(inside=DATA))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "cannot be unpacked here" in refused(written(tmp_path / "data.zip", bytes(content)))

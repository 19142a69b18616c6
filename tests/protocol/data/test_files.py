"""The bytes of a data file, and the name that shows its format."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from protocol.data.files import DataFile
from protocol.errors import DatasetError


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "misnamed"])
def test_gzipped_content_is_unpacked_whatever_the_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"1,2,3\n"))
    assert DataFile(tmp_path / name).content() == b"1,2,3\n"


def test_a_member_of_an_archive_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("inner/rows.dat", b"1::2::3\n")
    file = DataFile(tmp_path / "all.zip", "inner/rows.dat")
    assert (file.content(), file.name, file.is_bare) == (b"1::2::3\n", "inner/rows.dat", False)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("A/B.Parquet", "b.parquet"),
        ("b.PQ.GZ", "b.pq"),
        ("b.csv.zst", "b.csv"),
        ("b.json.bz2", "b.json"),
        ("b.csv.xz", "b.csv"),
        ("b.csv.zip", "b.csv"),
        ("c", "c"),
    ],
)
def test_the_name_has_no_capitals_and_no_ending_of_a_compression(path: str, name: str) -> None:
    assert DataFile(Path(path)).name == name


def test_a_file_is_bare_if_nothing_has_to_be_unpacked(tmp_path: Path) -> None:
    """By what it holds: a name may say otherwise."""
    (tmp_path / "plain.gz").write_bytes(b"1,2,3\n")
    (tmp_path / "packed.csv").write_bytes(gzip.compress(b"1,2,3\n"))
    assert DataFile(tmp_path / "plain.gz").is_bare
    assert not DataFile(tmp_path / "packed.csv").is_bare


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere cannot be read: No such file"):
        DataFile(tmp_path / "nowhere").content()

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
    ("path", "name", "is_bare"), [("A/B.Parquet", "b.parquet", True), ("b.PQ.GZ", "b.pq", False), ("c", "c", True)]
)
def test_the_name_has_no_capitals_and_no_gz(path: str, name: str, is_bare: bool) -> None:
    file = DataFile(Path(path))
    assert (file.name, file.is_bare) == (name, is_bare)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere cannot be read: No such file"):
        DataFile(tmp_path / "nowhere").content()

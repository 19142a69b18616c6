"""What is no table of interactions says what it is, and how to make one of it."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from data_files import HEADER, refused, written

if TYPE_CHECKING:
    from pathlib import Path


def tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("ratings.csv"))
    return stream.getvalue()


FILES = {
    "HTML": (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "is a web page (HTML)", "get the file itself"),
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n", "Git LFS", "git lfs pull"),
    "Matrix Market": (b"%%MatrixMarket matrix coordinate real general\n3 3 1\n1 1 5\n", "Matrix Market", "mmread"),
    "UTF-16": (HEADER.encode("utf-16"), "is UTF-16 text", "--encoding utf-16"),
    "UTF-16 without a mark": (HEADER.encode("utf-16-le"), "is UTF-16 text without a mark", "--encoding utf-16-le"),
    "the other UTF-16": (HEADER.encode("utf-16-be"), "is UTF-16 text without a mark", "--encoding utf-16-be"),
    "UTF-32": (HEADER.encode("utf-32"), "is UTF-32 text", "--encoding utf-32"),
    "Python": (b"{'reviewerID': 'A1', 'asin': 'B2'}\n", "is lines of Python dicts, not JSON", "ast.literal_eval"),
    "Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel file", "save it as CSV"),
    "HDF5": (b"\x89HDF\r\n\x1a\n\x00", "is an HDF5 file", "read_hdf"),
    "pickle": (b"\x80\x04\x95\x10", "is a pickle", "read_pickle"),
    "NumPy": (b"\x93NUMPY\x01\x00", "is a NumPy array", "numpy.load"),
    "tar": (gzip.compress(tar()), "is a tar archive", "unpack it"),
    "twice": (gzip.compress(gzip.compress(HEADER.encode())), "compressed file within a compressed", "unpack it"),
    "SQLite": (b"SQLite format 3\x00", "is an SQLite database", "read_sql"),
    "a table of HTML": (
        b'<table border="1"><tr><td>1</td></tr></table>',
        "is a web page (HTML)",
        "get the file itself",
    ),
    "Netflix": (b"1:\n1488844,3,2005-09-06\n2:\n822109,5,2005-05-13\n", "as the Netflix Prize has", "item,user,rating"),
    "ARFF": (b"% a comment\n@relation ratings\n@attribute user numeric\n", "of Weka (ARFF)", "scipy.io.arff"),
    "SQL": (b"-- MySQL dump\nCREATE TABLE `ratings` (\n", "is a dump of SQL", "as CSV"),
    "a table of MySQL": (b"+------+------+\n| user | item |\n", "as a database prints it", "as CSV"),
    "Stata": (b"\x72\x02\x01\x00\x04\x00\x90\x01", "is a Stata file", "read_stata"),
    "lzma": (b"\x5d\x00\x00\x80\x00\xff", "is a file of lzma", "unpack it"),
    "SPSS": (b"$FL2@(#) SPSS DATA FILE", "is an SPSS file", "read_spss"),
    "SAS": (b"\x00" * 12 + b"\xc2\xea\x81\x60\xb3\x14", "is a SAS file", "read_sas"),
    "XML": (b"<?xml version='1.0'?>", "is XML", "save the table as CSV"),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", ["data", "data.csv"])
def test_a_file_of_another_kind_says_what_it_is(kind: str, name: str, tmp_path: Path) -> None:
    content, what, advice = FILES[kind]
    answer = refused(written(tmp_path / name, content))
    assert what in answer
    assert advice in answer

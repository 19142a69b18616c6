"""Files that are no table of interactions that we read: what they are, and how to make one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.data.archives import ZIP
from protocol.data.compression import COMPRESSIONS
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from protocol.data.files import DataFile

_AS_CSV = "save the table as CSV or Parquet"


@dataclass(frozen=True)
class Foreign:
    """A kind of file that is refused.

    Parameters
    ----------
    what
        The kind, as a message names it.
    begins
        Matches the first bytes of such a file.
    advice
        How to make a table of interactions of it.
    """

    what: str
    begins: re.Pattern[bytes]
    advice: str


def _foreign(what: str, begins: bytes, advice: str) -> Foreign:
    return Foreign(what, re.compile(begins, re.DOTALL | re.IGNORECASE), advice)


_UTF_16 = "name the encoding with --encoding utf-16, or convert it to UTF-8"
_QUERY = "let the database write the table as CSV"
_PACKED = "unpack it, and name the file"
_TWICE = b"|".join([*(one.magic.pattern for one in COMPRESSIONS), re.escape(ZIP)])

FOREIGN = (
    _foreign(
        "a web page (HTML)", rb"\s*(<!--.*?-->\s*)?<(!doctype html|html|head|body|table)\b", "get the file itself again"
    ),
    _foreign("XML", rb"\s*<\?xml", _AS_CSV),
    _foreign("a pointer of Git LFS", rb"version https://git-lfs\.github\.com/spec/", "get the file with git lfs pull"),
    _foreign(
        "a Matrix Market file",
        rb"%%MatrixMarket",
        "it has no times; if you have them, read it with scipy.io.mmread and save user, item and timestamp as CSV",
    ),
    _foreign("UTF-32 text", rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "name the encoding with --encoding utf-32"),
    _foreign("UTF-16 text", rb"\xff\xfe|\xfe\xff", _UTF_16),
    _foreign("UTF-16 text without a mark", rb"([\t\n\r -~]\x00){4}", "name the encoding with --encoding utf-16-le"),
    _foreign("UTF-16 text without a mark", rb"(\x00[\t\n\r -~]){4}", "name the encoding with --encoding utf-16-be"),
    _foreign(
        "lines of Python dicts, not JSON",
        rb"\s*\{\s*u?'",
        "read each line with ast.literal_eval, and write it with json.dumps",
    ),
    _foreign(
        "a file in blocks, as the Netflix Prize has them (an item and a colon, below it user,rating,date)",
        rb"[0-9]+:\r?\n[0-9]+,",
        "write the item into each line: item,user,rating,date",
    ),
    _foreign("a file of Weka (ARFF)", rb"\s*(%[^\n]*\n\s*)*@relation\b", "read it with scipy.io.arff, and " + _AS_CSV),
    _foreign("a dump of SQL", rb"(\s*(--|/\*)[^\n]*\n)*\s*(create table|insert into|drop table|set \S+ ?=)\s", _QUERY),
    _foreign("a table as a database prints it", rb"\+-[-+]*\r?\n", _QUERY),
    _foreign("an Excel file", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as CSV"),
    _foreign("an HDF5 file", rb"\x89HDF\r\n\x1a\n", "read it with pandas.read_hdf or h5py, and " + _AS_CSV),
    _foreign("a NumPy array", rb"\x93NUMPY", "read it with numpy.load, and " + _AS_CSV),
    _foreign("a pickle", rb"\x80[\x02-\x05]", "read it with pandas.read_pickle if you trust it, and " + _AS_CSV),
    _foreign("a tar archive", rb".{257}ustar", _PACKED),
    _foreign("a 7z archive", rb"7z\xbc\xaf\x27\x1c", _PACKED),
    _foreign("a RAR archive", rb"Rar!\x1a\x07", _PACKED),
    _foreign("an empty zip archive", rb"PK\x05\x06", "get it again"),
    _foreign("an lz4 file", rb"\x04\x22\x4d\x18", _PACKED),
    _foreign("a file of compress (.Z)", rb"\x1f\x9d", _PACKED),
    _foreign(
        "a compressed file within a compressed file",
        _TWICE,
        _PACKED,
    ),
    _foreign("an SQLite database", rb"SQLite format 3\x00", "read it with pandas.read_sql, and " + _AS_CSV),
    _foreign("an Avro file", rb"Obj\x01", "read it with fastavro, and save it as Parquet"),
    _foreign("an ORC file", rb"ORC[\x00-\x1f]", "read it with pandas.read_orc, and save it as Parquet"),
    _foreign(
        "a data file of R",
        rb"[XAB]\n\x00\x00|RD[AX][23]\n",
        "read it with R, and save it with write.csv",
    ),
    _foreign("a file of lzma", rb"\x5d\x00\x00", _PACKED),
    _foreign("an SPSS file", rb"\$FL2", "read it with pandas.read_spss, and " + _AS_CSV),
    _foreign("a SAS file", rb"\x00{12}\xc2\xea\x81\x60", "read it with pandas.read_sas, and " + _AS_CSV),
    _foreign(
        "a Stata file", rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00", "read it with pandas.read_stata, and " + _AS_CSV
    ),
    _foreign("a MATLAB file", rb"MATLAB 5\.0 MAT-file", "read it with scipy.io.loadmat, and " + _AS_CSV),
    _foreign("a PDF file", rb"%PDF-", "get the table itself"),
)
"""Kinds of files that are refused, by their first bytes; the first that matches counts."""


def refuse_foreign(file: DataFile, head: bytes) -> None:
    """Refuse a file whose first bytes show that it is of a kind in `FOREIGN`.

    Raises
    ------
    DatasetError
        If it is: says what was found, and how to convert it.
    """
    found = next((kind for kind in FOREIGN if kind.begins.match(head)), None)
    if found is not None:
        raise DatasetError(f"{file} is {found.what}; expected a table of interactions: {found.advice}")

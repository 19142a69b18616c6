"""Forms of data files: how rows are written in each, and how Python's own means read it again."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import zipfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from readings import plain_rows, readings, rows_of_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from readings import Rows

    Table = list[list[str]]


@dataclass(frozen=True)
class Form:
    """A form of data files.

    Parameters
    ----------
    name
        The file's, or that of a part, with ``{}`` for its number.
    separator, has_header
        How its rows are written as text, before they are packed.
    n_parts
        The number of files; above one, they lie in a folder.
    packed
        From text to bytes.
    unpacked
        From bytes to text or a table; it may raise anything where that is not possible.
    """

    name: str
    separator: str = ","
    has_header: bool = True
    n_parts: int = 1
    packed: Callable[[str], bytes] = lambda text: _encoded(text)
    unpacked: Callable[[bytes], str | Table] = lambda content: _decoded(content)

    def readings(self, contents: Sequence[bytes]) -> list[Rows] | None:
        """Return every reading of the files that a person could mean; None if one of them cannot be unpacked."""
        try:
            parts = [self.unpacked(content) for content in contents]
        except Exception:  # noqa: BLE001 - whatever its library raises, the file cannot be unpacked
            return None
        texts = [part for part in parts if isinstance(part, str)]
        if texts:
            return readings(_joined(texts), self.separator, has_header=self.has_header)
        whole: list[Rows] = [[]]
        for table in parts:
            whole = [before + rows for before in whole for rows in rows_of_columns(table, has_header=True)]
        return whole


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(content: bytes) -> str:
    """Return text; what is no UTF-8 may be where recbench does not read."""
    return content.decode("utf-8-sig", "surrogateescape")


def _joined(texts: Sequence[str]) -> str:
    """Return the text of all parts, with the header of the first one alone."""
    first, *others = [text for text in texts if text.strip()] or [""]
    header, _, _ = first.partition("\n")
    whole = first
    for text in others:
        begins, _, rest = text.partition("\n")
        whole += "" if whole.endswith("\n") else "\n"
        whole += rest if begins.strip() == header.strip() else text
    return whole


def _through(pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes], name: str, **more: Any) -> Form:
    """Return the form of a text that is compressed."""
    return Form(
        name,
        packed=lambda text: pack(_encoded(text)),
        unpacked=lambda content: _decoded(unpack(content)),
        **more,
    )


def _zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("data/ratings.csv"), content)
    return stream.getvalue()


def _unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


def _columns(text: str) -> dict[str, list[Any]]:
    """Return the columns of a text; whole numbers where all of a column are."""
    header, *rows = plain_rows(text.encode("utf-8", "replace").decode(), ",") or [[]]
    columns: dict[str, list[Any]] = {}
    for number, name in enumerate(header):
        cells = [row[number] if number < len(row) else None for row in rows]
        try:
            numbers = [None if cell in (None, "") else int(cell) for cell in cells]
            fit = all(number is None or abs(number) < 2**63 for number in numbers)
        except ValueError:
            fit = False
        columns[name or f"column {number}"] = numbers if fit else cells
    return columns


def _arrow(write: Callable[[Any, io.BytesIO], None], text: str) -> bytes:
    import pyarrow as pa

    sink = io.BytesIO()
    write(pa.table(_columns(text)), sink)
    return sink.getvalue()


def _table(read: Callable[[io.BytesIO], Any], content: bytes) -> Table:
    found = read(io.BytesIO(content))
    rows = [found.column_names, *zip(*(column.to_pylist() for column in found.columns), strict=True)]
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def _write_parquet(table: Any, sink: io.BytesIO) -> None:
    from pyarrow import parquet

    parquet.write_table(table, sink)


def _read_parquet(source: io.BytesIO) -> Any:
    """Return the columns that can be read: what is damaged may be a column that recbench does not need."""
    import pyarrow as pa
    from pyarrow import parquet

    columns = {}
    for name in parquet.read_schema(source).names:
        with contextlib.suppress(Exception):
            columns[name] = parquet.read_table(source, columns=[name]).column(name)
    return pa.table(columns)


def _write_feather(table: Any, sink: io.BytesIO) -> None:
    from pyarrow import feather

    feather.write_feather(table, sink)


def _read_feather(source: io.BytesIO) -> Any:
    from pyarrow import ipc

    return ipc.open_file(source).read_all()


def _write_stream(table: Any, sink: io.BytesIO) -> None:
    from pyarrow import ipc

    with ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def _read_stream(source: io.BytesIO) -> Any:
    from pyarrow import ipc

    return ipc.open_stream(source).read_all()


def _objects(text: str) -> list[dict[str, Any]]:
    """Return the rows of a text as objects; what a row lacks, its object lacks."""
    columns = _columns(text)
    n_rows = max(map(len, columns.values()), default=0)
    return [{name: cells[row] for name, cells in columns.items() if cells[row] is not None} for row in range(n_rows)]


def _lines_of_json(text: str) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in _objects(text)).encode()


def _table_of_objects(objects: Sequence[Any]) -> Table:
    names = list(dict.fromkeys(name for one in objects for name in one))
    cells = [[one.get(name) for name in names] for one in objects]
    return [names, *([["" if cell is None else str(cell) for cell in row] for row in cells])]


def _table_of_array(content: bytes) -> Table:
    return _table_of_objects(json.loads(content.decode("utf-8-sig")))


def _table_of_lines(content: bytes) -> Table:
    lines = content.decode("utf-8-sig").split("\n")
    return _table_of_objects([json.loads(line) for line in lines if line.strip()])


_PARQUET = {"packed": partial(_arrow, _write_parquet), "unpacked": partial(_table, _read_parquet)}
_JSON_LINES = {"packed": _lines_of_json, "unpacked": _table_of_lines}

FORMS = (
    Form("ratings.csv"),
    Form("ratings.tsv", "\t"),
    Form("semicolons.csv", ";"),
    Form("u.data", "\t", has_header=False),
    Form("ratings.dat", "::", has_header=False),
    Form("ratings.inter", "\t"),
    _through(lambda content: gzip.compress(content, mtime=0), gzip.decompress, "ratings.csv.gz"),
    _through(bz2.compress, bz2.decompress, "ratings.csv.bz2"),
    _through(lzma.compress, lzma.decompress, "ratings.csv.xz"),
    _through(_zipped, _unzipped, "ratings.zip"),
    Form("ratings.parquet", **_PARQUET),
    Form("ratings.feather", packed=partial(_arrow, _write_feather), unpacked=partial(_table, _read_feather)),
    Form("ratings.arrow", packed=partial(_arrow, _write_stream), unpacked=partial(_table, _read_stream)),
    Form("ratings.json", packed=lambda text: json.dumps(_objects(text)).encode(), unpacked=_table_of_array),
    Form("ratings.jsonl", **_JSON_LINES),
    Form("part-{}.csv", n_parts=3),
    Form("part-{}.parquet", n_parts=3, **_PARQUET),
    Form("part-{}.jsonl", n_parts=3, **_JSON_LINES),
)
"""The forms that are tried; a new one is an entry."""

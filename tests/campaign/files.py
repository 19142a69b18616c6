"""Data files with a mistake in them: each is refused, or read as Python's own readers read it."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases import Case, Kind, require
from mutations import mutated_bytes, mutated_text
from readings import difference, plain_rows, readings

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Form:
    """A format of files.

    Parameters
    ----------
    name
        The file's.
    separator, has_header
        How it is written.
    packed, unpacked
        From text to bytes and back; a text of None is of a file that cannot be unpacked.
    """

    name: str
    separator: str = ","
    has_header: bool = True
    packed: Callable[[str], bytes] = lambda text: text.encode("utf-8", "surrogatepass")
    unpacked: Callable[[bytes], str | None] = lambda content: _decoded(content)


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _gunzipped(content: bytes) -> str | None:
    try:
        return _decoded(gzip.decompress(content))
    except Exception:  # noqa: BLE001 - whatever gzip raises, the file cannot be unpacked
        return None


def _gzipped(text: str) -> bytes:
    return gzip.compress(text.encode("utf-8", "surrogatepass"), mtime=0)


def _parquet(text: str) -> bytes:
    """Return a Parquet file of the rows of a text; numbers where all of a column are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    header, *rows = plain_rows(text.encode("utf-8", "replace").decode(), ",")
    columns = {}
    for number, name in enumerate(header):
        cells = [row[number] if number < len(row) else None for row in rows]
        try:
            columns[name or f"column {number}"] = [None if cell in (None, "") else int(cell) for cell in cells]
            pa.array(columns[name or f"column {number}"])
        except (ValueError, OverflowError, pa.ArrowInvalid):
            columns[name or f"column {number}"] = cells
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def _of_parquet(content: bytes) -> str | None:
    """Return the rows of a Parquet file as text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
        rows = [table.column_names, *zip(*(column.to_pylist() for column in table.columns), strict=True)]
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        return None
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)


FORMS = (
    Form("ratings.csv"),
    Form("ratings.tsv", "\t"),
    Form("semicolons.csv", ";"),
    Form("u.data", "\t", has_header=False),
    Form("ratings.dat", "::", has_header=False),
    Form("ratings.inter", "\t"),
    Form("ratings.csv.gz", packed=_gzipped, unpacked=_gunzipped),
    Form("ratings.parquet", packed=_parquet, unpacked=_of_parquet),
)


def text_of(form: Form, draw: random.Random) -> str:
    """Return a sound file of a format."""
    names = ["user_id:token", "item_id:token", "rating:float", "timestamp:float"]
    header = names if form.name.endswith(".inter") else ["user", "item", "rating", "timestamp"]
    pairs = draw.sample([(user, item) for user in range(1, 8) for item in range(1, 13)], 30)
    rows = [
        [str(user), str(item), str(draw.randint(1, 5)), str(draw.randint(10**9, 17 * 10**8))] for user, item in pairs
    ]
    return "".join(form.separator.join(line) + "\n" for line in ([header] if form.has_header else []) + rows)


def read_mutated(case: Case) -> str:
    """Write a file with a mistake, read it, and compare what was read with independent readings."""
    draw = case.draw()
    form = draw.choice(FORMS)
    text = text_of(form, draw)
    if draw.random() < 0.75:
        text, mistake = mutated_text(text, form.separator, draw)
        content = form.packed(text)
    else:
        content, mistake = mutated_bytes(form.packed(text), draw)
    path = case.folder / form.name
    path.write_bytes(content)
    return f"{form.name}: {_outcome(path, form, content, mistake)}"


def _outcome(path: Path, form: Form, content: bytes, mistake: str) -> str:
    from protocol.data.loading import load_dataset
    from protocol.errors import RecbenchError

    told = f"{form.name}, {mistake}"
    try:
        dataset = load_dataset(path)
    except RecbenchError as refusal:
        require(len(str(refusal)) < 2_000, f"{told}: a message of {len(str(refusal)):,} characters")
        return "refused"
    except Exception as error:
        require(False, f"{told}: a traceback: {type(error).__name__}: {str(error)[:200]}")
        raise
    text = form.unpacked(content)
    require(text is not None, f"{told}: read, and Python cannot unpack it")
    found = readings(text or "", form.separator, has_header=form.has_header)
    differences = [difference(dataset, rows) for rows in found]
    require(found, f"{told}: read, and no independent reading is possible")
    require(not all(differences), f"{told}: read otherwise: {differences}; {dataset.reading}")
    return "read as Python reads it"


def prepare(_: Path) -> None:
    """Import once what all cases need."""
    import pyarrow.parquet  # noqa: F401

    import protocol.data.loading  # noqa: F401


KINDS = (
    Kind(
        "data-file",
        5_000,
        "A mistake in a file of each format: characters, fields, lines, bytes. It is refused in less than 2,000 "
        "characters, or read as Python's `csv`, `gzip` and pyarrow read it: no traceback, no other interactions.",
        read_mutated,
        prepare,
        seconds=60.0,
    ),
)

"""Feather files of interactions, and streams of Arrow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from protocol.data.arrow_tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protocol.data.columns import Origin, Values
    from protocol.data.files import DataFile


_MAGIC = b"ARROW1"
_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def read_feather(file: DataFile, names: Mapping[str, str], wanted: Sequence[str]) -> tuple[dict[str, Values], Origin]:
    """Read the ``wanted`` columns of a Feather file, ``(n_rows,)`` each, and how to find a row (see `Format.read`).

    Raises
    ------
    DatasetError
        If pyarrow is missing, or the file is unreadable, empty or damaged, lacks a column or has one of a wrong type.
    """
    return read_tables(file, "Feather or Arrow", _opened, names, wanted)


def _opened(source: BinaryIO | Path) -> tuple[Sequence[str], int, Callable[[Sequence[str]], Any]]:
    import pyarrow as pa

    stream = pa.memory_map(str(source)) if isinstance(source, Path) else source
    is_file = stream.read(len(_MAGIC)) == _MAGIC
    if not is_file:
        # pyarrow takes a stream that was cut between two batches for a whole one.
        stream.seek(-min(len(_END), stream.seek(0, io.SEEK_END)), io.SEEK_END)
        if stream.read() != _END:
            raise pa.ArrowInvalid("the mark of the end of the stream is missing")
    stream.seek(0)
    table = (pa.ipc.open_file(stream) if is_file else pa.ipc.open_stream(stream)).read_all()
    return table.schema.names, table.num_rows, table.select

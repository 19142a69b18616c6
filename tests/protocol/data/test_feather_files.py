"""Feather files and streams of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from data_files import TRIPLES, refused, triples, written

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pa.table(dict(zip(("user", "item", "time"), map(list, zip(*TRIPLES, strict=True)), strict=True)))


def ipc(open_writer) -> bytes:
    sink = pa.BufferOutputStream()
    with open_writer(sink, TABLE.schema) as writer:
        writer.write_table(TABLE, max_chunksize=1)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("open_writer", [pa.ipc.new_file, pa.ipc.new_stream])
@pytest.mark.parametrize("name", ["data.arrow", "data"])
def test_files_and_streams_are_read(open_writer, name: str, tmp_path: Path) -> None:
    assert triples(written(tmp_path / name, ipc(open_writer))) == TRIPLES


@pytest.mark.parametrize("open_writer", [pa.ipc.new_file, pa.ipc.new_stream])
def test_one_that_was_cut_short_is_refused(open_writer, tmp_path: Path) -> None:
    content = ipc(open_writer)
    for length in (len(content) - 1, len(content) - 8, len(content) // 2, 40):
        answer = refused(written(tmp_path / "data.feather", content[:length]))
        assert "data.feather cannot be read as Feather or Arrow" in answer
        assert "is it whole? Get it again" in answer

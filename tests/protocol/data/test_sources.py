"""Paths of files, pipes and folders."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest
from data_files import HEADER, ROWS, TRIPLES, refused, triples, written

from protocol.data.sources import is_pipe, source_of


@pytest.mark.parametrize("content", [HEADER + ROWS, gzip.compress((HEADER + ROWS).encode())], ids=["plain", "gzip"])
def test_a_pipe_is_read_once(content: str | bytes, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=written, args=(tmp_path / "pipe", content))
    writer.start()
    assert is_pipe(tmp_path / "pipe")
    assert triples(tmp_path / "pipe") == TRIPLES
    writer.join()


def test_the_end_of_a_shells_pipe_is_read() -> None:
    """``--dataset <(zcat ratings.gz)`` is a path such as ``/dev/fd/63``."""
    reading, writing = os.pipe()
    os.write(writing, (HEADER + ROWS).encode())
    os.close(writing)
    try:
        assert triples(f"/dev/fd/{reading}") == TRIPLES
    finally:
        os.close(reading)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_is_refused(path: str) -> None:
    assert "is a terminal or another device; expected a file, a folder of parts, or a pipe" in refused(path)


def test_missing_rights_are_no_damage(tmp_path: Path, monkeypatch) -> None:
    path = written(tmp_path / "data.parquet", b"PAR1")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("open", "stat"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, denied)
            answer = refused(path)
        assert answer == f"{path} cannot be read: Permission denied"


def test_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", ROWS)
    for path in (tmp_path / "b.csv", tmp_path / "a.csv" / "b.csv", Path("a\0b")):
        assert source_of(path) is None

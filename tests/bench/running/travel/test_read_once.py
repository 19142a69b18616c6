"""A file is read once, and again when it has changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bench.running.travel.read_once import ReadOnce

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path: Path) -> None:
    reads: list[str] = []

    def is_short(path: Path) -> bool:
        reads.append(path.name)
        return path.exists() and path.stat().st_size < 3

    files, path = ReadOnce(is_short), tmp_path / "a"
    assert not files.is_whole(path)
    path.write_text("ab")
    assert files.is_whole(path)
    assert files.is_whole(path)
    path.write_text("abc")
    assert not files.is_whole(path)
    assert not files.is_whole(path)
    other = tmp_path / "b"
    other.write_text("abc")
    os.utime(other, ns=(0, path.stat().st_mtime_ns))
    other.replace(path)
    assert not files.is_whole(path)
    assert len(reads) == 4

"""What a packed file may unpack to."""

from __future__ import annotations

import gzip
from random import Random
from typing import TYPE_CHECKING

import pytest
from data_files import HEADER, PACKERS, refused, triples, written

from protocol.data import compression
from protocol.data.compression import COMPRESSIONS, compression_of, most_bytes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("one", COMPRESSIONS, ids=lambda one: one.name)
def test_a_compression_is_known_by_its_first_bytes(one: compression.Compression) -> None:
    assert compression_of(PACKERS[one.ending](b"1,2,3\n")) is one
    assert compression_of(PACKERS[one.ending](b"")) is one


@pytest.mark.parametrize("beginning", [b"", b"\x1f", b"BZh,item,time\n", b"user,item,time\n"])
def test_text_is_not_compressed(beginning: bytes) -> None:
    assert compression_of(beginning) is None


def test_the_limit_is_a_multiple_of_the_size_and_never_above_the_free_memory(monkeypatch) -> None:
    monkeypatch.setattr(compression, "free_memory", lambda: 10**12)
    assert most_bytes(1) == 64 * 2**20
    assert most_bytes(10**9) == 200 * 10**9
    monkeypatch.setattr(compression, "free_memory", lambda: 10**6)
    assert most_bytes(10**9) == 10**6


@pytest.mark.parametrize("ending", [ending for ending in PACKERS if ending])
def test_what_unpacks_beyond_the_limit_is_refused_with_it(ending: str, tmp_path: Path, monkeypatch) -> None:
    """No more than the limit and a piece is unpacked; a zip archive says its size before that."""
    monkeypatch.setattr(compression, "SMALL", 2**20)
    path = written(tmp_path / f"data.csv{ending}", PACKERS[ending](HEADER.encode() + b"\n" * 2**22))
    assert "unpacks to more than " in refused(path)
    assert "the limit is 200 times its size" in refused(path)


def test_a_size_that_an_archive_hides_is_found(tmp_path: Path, monkeypatch) -> None:
    """A gzip file inside a zip archive: the archive knows the packed size only."""
    monkeypatch.setattr(compression, "SMALL", 2**20)
    bomb = PACKERS[".zip"](gzip.compress(b"\n" * 2**24))
    assert "unpacks to more than " in refused(written(tmp_path / "data.zip", bomb))


def test_a_usual_file_is_far_from_the_limit(tmp_path: Path) -> None:
    draw = Random(0)
    rows = "".join(f"{user},{item},5,{draw.randrange(10**9, 2 * 10**9)}\n" for user in range(100) for item in range(50))
    path = written(tmp_path / "data.csv.xz", PACKERS[".xz"]((HEADER + rows).encode()))
    assert len(triples(path)) == 5000
    assert len(rows) < 20 * path.stat().st_size

"""Files by SHA-256: what is damaged is never used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.running.travel.blobs import BlobError, Blobs

if TYPE_CHECKING:
    from pathlib import Path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(content=st.binary(min_size=1, max_size=200), data=st.data())
def test_a_flipped_bit_is_found_and_another_copy_mends_it(blobs: Blobs, content: bytes, data: st.DataObject) -> None:
    digest = blobs.put(content)
    assert blobs.get(digest).read_bytes() == content
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    blobs.get(digest).write_bytes(damaged)
    fresh = Blobs(blobs.folder)
    assert fresh.missing([digest]) == [digest]
    with pytest.raises(BlobError, match="is damaged: its SHA-256 is not its name"):
        fresh.get(digest)
    fresh.take(digest, content)
    assert fresh.get(digest).read_bytes() == content


def test_what_was_sent_is_taken_for_its_digest_alone(blobs: Blobs) -> None:
    digest = blobs.put(b"as it was")
    with pytest.raises(BlobError, match="damaged on its way"):
        blobs.take(digest, b"as it is")


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "/etc/passwd", "0" * 63])
def test_a_name_that_is_no_digest_is_never_a_path(blobs: Blobs, name: str) -> None:
    assert blobs.missing([name]) == [name]


def test_an_open_file_is_kept_from_its_beginning_and_nothing_else_is_left(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(range(256)) * 10_000)
    descriptor = os.open(tmp_path / "big", os.O_RDONLY)
    os.lseek(descriptor, 1000, os.SEEK_SET)
    digest = blobs.put_open(descriptor)
    os.close(descriptor)
    assert blobs.get(digest).read_bytes() == (tmp_path / "big").read_bytes()
    assert [path.name for path in blobs.folder.iterdir()] == [digest]

"""Arrays in a file come back as they were, and no process can change them."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import numpy as np
import pytest

from bench.running import packing
from bench.running.packing import is_sealed, pack, unpack

ARRAYS = {
    "users": np.arange(5, dtype=np.int32),
    "none": np.empty((3, 0), dtype=np.int32),
    "keys": np.arange(300_000, dtype=np.uint64).reshape(2, -1) * 2**43,
    "columns": np.arange(12, dtype=np.int64).reshape(3, 4)[:, ::2],
    "later": np.empty(0, dtype=np.int32),
}


@pytest.fixture(params=[True, False], ids=["in memory", "on the disk"], autouse=True)
def _memory_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the files in memory that only Linux has."""
    if not request.param:
        monkeypatch.delattr(os, "memfd_create", raising=False)


def test_arrays_come_back_read_only() -> None:
    packed = pack(ARRAYS)
    again = unpack(os.dup(packed.descriptor), packed.layout)
    packed.close()
    assert list(again) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(again[name], array)
        assert again[name].dtype == array.dtype
        with pytest.raises(ValueError, match="WRITEABLE"):
            again[name].flags.writeable = True


def test_the_descriptor_cannot_write() -> None:
    packed = pack(ARRAYS)
    for change in (lambda: os.pwrite(packed.descriptor, b"x", 0), lambda: os.ftruncate(packed.descriptor, 1)):
        with pytest.raises(OSError, match=r"Operation not permitted|Bad file descriptor|Invalid argument"):
            change()
    packed.close()


def test_other_bytes_are_refused_where_a_process_could_have_written_them() -> None:
    packed = pack(ARRAYS)
    other = {**packed.layout, "sha256": "0" * 64}
    if is_sealed(packed.descriptor):
        assert list(unpack(packed.descriptor, other)) == list(ARRAYS), "it is mapped, and not read"
        return
    with pytest.raises(ValueError, match="SHA-256"):
        unpack(packed.descriptor, other)


def test_a_file_that_is_too_short_is_refused_and_closed() -> None:
    packed = pack(ARRAYS)
    with pytest.raises(ValueError, match="greater than file size"):
        unpack(packed.descriptor, {**packed.layout, "size": packed.layout["size"] + 1})
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(packed.descriptor)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs Linux")
def test_a_file_in_memory_without_all_seals_is_not_sealed(request: pytest.FixtureRequest) -> None:
    if "on the disk" in request.node.name:
        pytest.skip("only files in memory are sealed")
    with os.fdopen(os.memfd_create("recbench", os.MFD_ALLOW_SEALING), "wb") as file:
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        assert not is_sealed(file.fileno())


@pytest.mark.skipif(not Path("/proc/self/fd").exists() or not hasattr(os, "memfd_create"), reason="needs Linux")
def test_a_file_in_memory_cannot_be_opened_for_writing_again(request: pytest.FixtureRequest) -> None:
    if "on the disk" in request.node.name:
        pytest.skip("only files in memory are sealed")
    packed = pack(ARRAYS)
    again = os.open(f"/proc/self/fd/{packed.descriptor}", os.O_RDWR)
    with pytest.raises(PermissionError):
        os.pwrite(again, b"x", 0)
    os.close(again)
    packed.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_a_file_that_cannot_be_written_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(packing, "_chunks", full)
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(OSError, match="No space left on device"):
        pack({"users": np.arange(3)})
    assert set(Path("/proc/self/fd").iterdir()) == before

"""Arrays in one file that has no name and cannot be written: what jobs read, and cannot change for each other."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import IO

    import numpy.typing as npt

_ALIGNMENT = 64
"""Where an array may begin, in bytes: at the beginning of a line of the cache."""

_CHUNK = 2**20
"""The most bytes that are written or hashed at once."""

_SEALS = sum(getattr(fcntl, f"F_SEAL_{name}", 0) for name in ("SEAL", "SHRINK", "GROW", "WRITE"))


@dataclass(frozen=True)
class Packed:
    """Some arrays in a file.

    Parameters
    ----------
    descriptor
        Of the file, which is open for reading only.
    layout
        Of each array its name, type, shape and first byte; and ``sha256`` of them all, in JSON's types.
    """

    descriptor: int
    layout: Mapping[str, Any]

    def close(self) -> None:
        """Give up the file; it is gone once each process that maps it has ended."""
        os.close(self.descriptor)


def pack(arrays: Mapping[str, npt.NDArray[Any]]) -> Packed:
    """Write arrays into a file that no process can change."""
    places: list[tuple[str, str, tuple[int, ...], int]] = []
    end = 0
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in contiguous.items():
        start = -(-end // _ALIGNMENT) * _ALIGNMENT
        places.append((name, array.dtype.str, array.shape, start))
        end = start + array.nbytes
    digest = hashlib.sha256()

    def write(file: IO[bytes]) -> None:
        file.truncate(end)
        for (_, _, _, start), array in zip(places, contiguous.values(), strict=True):
            file.seek(start)
            for chunk in _chunks(array):
                digest.update(chunk)
                file.write(chunk)

    descriptor = _read_only(write)
    return Packed(descriptor, {"arrays": places, "size": end, "sha256": digest.hexdigest()})


def is_sealed(descriptor: int) -> bool:
    """Return whether an open file is as `pack` wrote it, because no process can have changed it since."""
    try:
        return bool(_SEALS) and fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & _SEALS == _SEALS
    except OSError:
        return False


def unpack(descriptor: int, layout: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file that `pack` wrote, by name; they are read-only, and not copied. Close the file.

    The arrays of a sealed file are mapped, and not read.

    Raises
    ------
    ValueError
        If they are not the arrays that were packed.
    """
    try:
        known = is_sealed(descriptor)
        memory = _mapped(descriptor, layout["size"]) if layout["size"] else b""
    finally:
        os.close(descriptor)
    arrays, digest = {}, hashlib.sha256()
    for name, dtype, shape, start in layout["arrays"]:
        array = np.frombuffer(memory, dtype, count=int(np.prod(shape)), offset=start if memory else 0).reshape(shape)
        for chunk in () if known else _chunks(array):
            digest.update(chunk)
        arrays[name] = array
    if not known and digest.hexdigest() != layout["sha256"]:
        raise ValueError(f"the arrays have the SHA-256 {digest.hexdigest()[:12]}, expected {layout['sha256'][:12]}")
    return arrays


def _mapped(descriptor: int, size: int) -> mmap.mmap:
    """Map a file for reading, all of it now where the system can: a fit is not to wait for its pages."""
    populate = getattr(mmap, "MAP_POPULATE", 0)
    return mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED | populate, prot=mmap.PROT_READ)


def _chunks(array: npt.NDArray[Any]) -> Iterator[memoryview]:
    """Yield the bytes of an array piece by piece."""
    flat = array.reshape(-1).view(np.uint8)
    for start in range(0, flat.size, _CHUNK):
        yield flat[start : start + _CHUNK].data


def _read_only(write: Callable[[IO[bytes]], None]) -> int:
    """Write a file that has no name; return a descriptor with which it can only be read.

    On Linux it is in memory and sealed, so that no process can write it in any way.
    """
    try:
        descriptor = os.memfd_create("recbench", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except (AttributeError, OSError):  # Another system, or one that does not allow it.
        with tempfile.NamedTemporaryFile() as file:
            write(file)
            file.flush()
            return os.open(file.name, os.O_RDONLY)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            write(file)
    except BaseException:
        os.close(descriptor)
        raise
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    return descriptor

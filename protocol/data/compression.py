"""Compressed bytes: gzip, bzip2, xz and Zstandard. They are unpacked in bounded pieces."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import sys
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from protocol.errors import DatasetError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opener: TypeAlias = Callable[[BinaryIO], BinaryIO]

SMALL = 64 * 2**20
"""Bytes that any file may unpack to."""

HIGHEST_RATIO = 200
"""Above `SMALL`, how many times its packed size a file may unpack to. Interactions pack to a tenth, not to a 200th."""

_PIECE = 1 << 20


@dataclass(frozen=True)
class Compression:
    """A way to compress one file.

    Parameters
    ----------
    name
        Its name in messages.
    ending
        What it adds to the name of a file.
    magic
        Matches the first bytes of every such file.
    open
        Gives the unpacked bytes of a stream of packed ones.
    """

    name: str
    ending: str
    magic: re.Pattern[bytes]
    open: Opener


def _gzip(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=packed))


def _bzip2(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", bz2.BZ2File(packed))


def _xz(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", lzma.LZMAFile(packed))


def _zstandard(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", zstd.ZstdFile(packed))


COMPRESSIONS = (
    Compression("gzip", ".gz", re.compile(rb"\x1f\x8b"), _gzip),
    Compression("bzip2", ".bz2", re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), _bzip2),
    Compression("xz", ".xz", re.compile(rb"\xfd7zXZ\x00"), _xz),
    Compression("Zstandard", ".zst", re.compile(rb"\x28\xb5\x2f\xfd"), _zstandard),
)

MAGIC_SIZE = 10
"""Bytes that show how a file is compressed."""

_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError)


def compression_of(beginning: bytes) -> Compression | None:
    """Return how a file with these first bytes is compressed; None for one that is not."""
    return next((one for one in COMPRESSIONS if one.magic.match(beginning)), None)


def without_ending(name: str) -> str:
    """Return the name of a file in small letters, without the ending of a compression: it shows the format."""
    small = name.lower()
    return next((small.removesuffix(one.ending) for one in COMPRESSIONS if small.endswith(one.ending)), small)


@contextmanager
def unpacking(name: str, what: str) -> Iterator[None]:
    """Turn the errors of a library that unpacks into one that names the file and how it is compressed.

    Raises
    ------
    DatasetError
        If the packed bytes are damaged or end too early.
    """
    try:
        yield
    except OSError as error:
        # The system's errors have a number; those of gzip and bz2 have none.
        if error.errno is not None:
            raise
        raise _damaged(name, what, error) from error
    except _DAMAGE as error:
        raise _damaged(name, what, error) from error


def _damaged(name: str, what: str, error: Exception) -> DatasetError:
    return DatasetError(f"{name} is a damaged {what} file ({error}); get it again")


def most_bytes(n_packed: int) -> int:
    """Return how many bytes a file of ``n_packed`` bytes may unpack to."""
    return min(max(SMALL, HIGHEST_RATIO * n_packed), free_memory())


def free_memory() -> int:
    """Return how many bytes of memory the system can give without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def refuse_beyond(limit: int, name: str, n_packed: int, n_unpacked: int) -> None:
    """Refuse a file that says, or shows, that it unpacks to more than ``limit`` bytes.

    Raises
    ------
    DatasetError
        With the limit.
    """
    if n_unpacked > limit:
        raise DatasetError(
            f"{name} has {n_packed:,} bytes and unpacks to more than {limit:,}; the limit is {HIGHEST_RATIO} times its "
            f"size (at least {SMALL:,} bytes) or the free memory: look at what it holds, and give it unpacked"
        )


def read_pieces(stream: BinaryIO, limit: int) -> bytes:
    """Return the bytes of a stream; of one with more than ``limit``, the first ones, more than ``limit``."""
    sink = io.BytesIO()
    while sink.tell() <= limit and (piece := stream.read(_PIECE)):
        sink.write(piece)
    return sink.getvalue()

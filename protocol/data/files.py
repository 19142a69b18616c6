"""The bytes of a data file: plain, compressed, inside a zip archive, or from a pipe."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, cast

from protocol.data.archives import ZIP, opened_member
from protocol.data.compression import (
    MAGIC_SIZE,
    compression_of,
    free_memory,
    most_bytes,
    read_pieces,
    refuse_beyond,
    unpacking,
    without_ending,
)
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HEAD_SIZE = 4096
"""Bytes by which a file's format is recognised."""


@dataclass(frozen=True)
class DataFile:
    """A file, a pipe, or a file inside a zip archive.

    Parameters
    ----------
    path
        The file on disk, or the pipe.
    member
        The path inside ``path``, if that is a zip archive; None if the archive has only one file.
    encoding
        How text is encoded, by Python's names, if not in UTF-8.
    """

    path: Path
    member: str | None = None
    encoding: str | None = None

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The name in small letters without the ending of a compression: it shows the format."""
        return without_ending(self.member or self.path.name).removesuffix(".zip")

    @property
    def parts(self) -> Sequence[DataFile]:
        """The files that have the rows: this one."""
        return (self,)

    @cached_property
    def is_bare(self) -> bool:
        """Whether the file on disk has the content as it is: not compressed, in no archive, and in no pipe."""
        if self.member is not None or not self.path.is_file():
            return False
        with self._raw() as raw:
            beginning = cast("io.BufferedReader", raw).peek(MAGIC_SIZE)
        return compression_of(beginning) is None and not beginning.startswith(ZIP)

    def head(self) -> bytes:
        """Return the first `HEAD_SIZE` bytes, unpacked and not decoded.

        Raises
        ------
        DatasetError
            If the file cannot be read, or is damaged.
        """
        with self._unpacked() as (stream, _):
            return stream.read(HEAD_SIZE)

    def content(self) -> bytes:
        """Return the bytes, unpacked if they are packed, whatever the file's name; text is in UTF-8.

        Raises
        ------
        DatasetError
            If the file cannot be read, is damaged, unpacks to too many bytes, or is not in its encoding.
        """
        with self._unpacked() as (stream, n_packed):
            content = stream.read() if n_packed is None else self._bounded(stream, n_packed)
        return content if self.encoding is None else self._in_utf8(content, self.encoding)

    def _bounded(self, stream: BinaryIO, n_packed: int) -> bytes:
        limit = most_bytes(n_packed)
        content = read_pieces(stream, limit)
        refuse_beyond(limit, str(self), n_packed, len(content))
        return content

    def _in_utf8(self, content: bytes, encoding: str) -> bytes:
        try:
            return content.decode(encoding).encode()
        except (UnicodeError, LookupError) as error:
            raise DatasetError(f"{self} is no text in {encoding} ({error}); give another --encoding") from error

    @contextmanager
    def _unpacked(self) -> Iterator[tuple[BinaryIO, int | None]]:
        """Give the content as a stream, and the number of packed bytes; None if it is not packed."""
        with self._raw() as raw:
            if self.member is not None or cast("io.BufferedReader", raw).peek(len(ZIP)).startswith(ZIP):
                with (
                    opened_member(raw, str(self), self.member) as (stream, n_packed),
                    self._decompressed(stream, n_packed) as inner,
                ):
                    yield inner
                return
            n_bytes = raw.seek(0, io.SEEK_END)
            raw.seek(0)
            with self._decompressed(raw, n_bytes) as inner:
                yield inner

    @contextmanager
    def _decompressed(self, stream: BinaryIO, n_packed: int) -> Iterator[tuple[BinaryIO, int | None]]:
        found = compression_of(cast("io.BufferedReader", stream).peek(MAGIC_SIZE))
        if found is None:
            yield stream, None
            return
        with unpacking(str(self), found.name):
            yield found.open(stream), n_packed

    @contextmanager
    def _raw(self) -> Iterator[BinaryIO]:
        """Give the bytes on disk; what came from a pipe is kept, because a pipe gives it only once."""
        try:
            if self.path.is_file():
                with self.path.open("rb") as stream:
                    yield stream
            else:
                yield cast("BinaryIO", io.BufferedReader(io.BytesIO(self._piped)))
        except OSError as error:
            raise DatasetError(f"{self} cannot be read: {error.strerror}") from error

    @cached_property
    def _piped(self) -> bytes:
        limit = free_memory()
        with self.path.open("rb") as stream:
            content = read_pieces(stream, limit)
        if len(content) > limit:
            raise DatasetError(f"{self} gives more than {limit:,} bytes, all of the free memory; expected a table")
        return content

"""The bytes of a data file: plain, gzipped, or inside a zip archive."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class DataFile:
    """A file, or a file inside a zip archive.

    Parameters
    ----------
    path
        The file on disk.
    member
        The path inside ``path``, if that is a zip archive.
    """

    path: Path
    member: str | None = None

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The name in small letters without the ending ``.gz``: it shows the format."""
        return (self.member or self.path.name).lower().removesuffix(".gz")

    @property
    def is_bare(self) -> bool:
        """Whether the file on disk has the content as it is, neither gzipped nor in an archive."""
        return self.member is None and not self.path.name.lower().endswith(".gz")

    def content(self) -> bytes:
        """Return the bytes, unpacked if they are gzipped, whatever the file's name.

        Raises
        ------
        DatasetError
            If the file cannot be read, or is damaged.
        """
        raw = self._raw()
        if not raw.startswith(_GZIP):
            return raw
        try:
            return gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{self} is a damaged gzip file ({error}); get it again") from error

    def _raw(self) -> bytes:
        try:
            if self.member is None:
                return self.path.read_bytes()
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self.member)
        except OSError as error:
            raise DatasetError(f"{self} cannot be read: {error.strerror}") from error

"""A folder of files that travel, each named by its SHA-256: task arrays, and sources of plug-ins."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from bench.records.reading import digest_of, read_digest
from bench.running.travel.read_once import ReadOnce
from bench.running.travel.whole import write_whole
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_CHUNK = 2**20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobError(RecbenchError):
    """A file that a job needs is missing or damaged."""


class Blobs:
    """A folder of files by SHA-256.

    Parameters
    ----------
    folder
        Made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = ReadOnce(lambda path: digest_of(path) == path.name)

    def put(self, content: bytes) -> str:
        """Keep some bytes; return their SHA-256, in hexadecimal."""
        return self._keep(hashlib.sha256(content).hexdigest(), lambda: [content])

    def put_open(self, descriptor: int) -> str:
        """Keep what an open file holds; return its SHA-256."""
        digest = hashlib.sha256()
        for chunk in _chunks(descriptor):
            digest.update(chunk)
        return self._keep(digest.hexdigest(), lambda: _chunks(descriptor))

    def take(self, digest: str, content: bytes) -> None:
        """Keep some bytes that were sent.

        Raises
        ------
        BlobError
            If they are not those of the digest.
        """
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise BlobError(f"a file was damaged on its way: its SHA-256 begins {found[:12]}, expected {digest[:12]}")
        self._keep(digest, lambda: [content])

    def adopt(self, digest: str, sent: Path) -> None:
        """Keep a file of this file system that was sent, which is then here and not there.

        Raises
        ------
        BlobError
            If it has not the content of the digest.
        """
        found = read_digest(sent)
        if found != digest:
            sent.unlink()
            raise BlobError(f"a file was damaged on its way: its SHA-256 begins {found[:12]}, expected {digest[:12]}")
        self.folder.mkdir(parents=True, exist_ok=True)
        sent.replace(self.folder / digest)

    def missing(self, digests: Iterable[str]) -> list[str]:
        """Return the digests of which there is no file, or a damaged one."""
        return [digest for digest in digests if not self._is_whole(digest)]

    def get(self, digest: str) -> Path:
        """Return the path of a file, whose content is checked; do not write to it.

        Raises
        ------
        BlobError
            If it is missing or damaged.
        """
        if not self._is_whole(digest):
            path = self.folder / digest
            problem = "is damaged: its SHA-256 is not its name" if path.exists() else "is not there"
            raise BlobError(f"the file {path} {problem}; make the plan again, or run the command again")
        return self.folder / digest

    def _is_whole(self, digest: str) -> bool:
        """Return whether there is a file with the content of its name."""
        return _DIGEST.fullmatch(digest) is not None and self._files.is_whole(self.folder / digest)

    def _keep(self, digest: str, pieces: Callable[[], Iterable[bytes]]) -> str:
        if not self._is_whole(digest):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / digest, pieces())
        return digest


def _chunks(descriptor: int) -> Iterator[bytes]:
    """Yield the content of an open file, piece by piece and from its beginning."""
    start = 0
    while chunk := os.pread(descriptor, _CHUNK, start):
        yield chunk
        start += len(chunk)

"""Tell files that are pickles, or hold one, from others: by their first bytes, as nothing of them is run."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from bench.records.reading import opened_file

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 256
_NPY = b"\x93NUMPY"
_PICKLES = {b"\x80" + bytes([protocol]) for protocol in range(2, 6)}
"""The first bytes of a pickle of each protocol that Python writes by itself."""

_LENGTH_BYTES = 8
"""Of the number with which a safetensors file begins: the length of its header."""


def is_pickle(path: Path) -> bool:
    """Return whether a file is a pickle or holds one: an array of objects, or an archive, as torch.save writes."""
    with opened_file(path) as stream:
        if _begins_pickle(stream.read(_HEAD), path.stat().st_size):
            return True
        try:
            if not zipfile.is_zipfile(stream):
                return False
            with zipfile.ZipFile(stream) as archive:
                return any(_is_pickled(archive, member) for member in archive.infolist())
        except Exception:  # noqa: BLE001 - each way to damage an archive raises an error of its own
            # What is in an archive that Python cannot read is unknown.
            return True


def _is_pickled(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    if member.filename.endswith((".pkl", ".pickle")):
        return True
    with archive.open(member) as stream:
        return _begins_pickle(stream.read(_HEAD), member.file_size)


def _begins_pickle(head: bytes, size: int) -> bool:
    if _begins_safetensors(head, size):
        return False
    return head[:2] in _PICKLES or (head.startswith(_NPY) and b"'|O'" in head)


def _begins_safetensors(head: bytes, size: int) -> bool:
    """Return whether a file begins as a safetensors file: some lengths of its header have the bytes of a pickle."""
    length = int.from_bytes(head[:_LENGTH_BYTES], "little")
    return head[_LENGTH_BYTES:].startswith(b"{") and _LENGTH_BYTES + length <= size

"""Files on a shared disk: written under a name of their own, and renamed when they are whole.

No lock is needed, as not every shared file system has locks that other machines see.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_DRAFT = re.compile(r"\.(.+)-[0-9a-f]{16}")


def write_whole(path: Path, pieces: Iterable[bytes | memoryview], *, mode: int | None = None) -> None:
    """Write a file that a reader finds whole or not at all, also where several processes write it at once.

    Parameters
    ----------
    mode
        Of the file; None for what the system gives a new one.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left of it then.
    """
    draft = _draft_of(path)
    try:
        with draft.open("xb") as file:
            for piece in pieces:
                file.write(piece)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


@contextlib.contextmanager
def written_folder(place: Path) -> Iterator[Path]:
    """Yield a new folder that takes its place once it is written, unless another process was first.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft_of(place)
    try:
        draft.mkdir()
        yield draft
        try:
            draft.rename(place)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def drafts_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the drafts in a folder, each with the name of what it is to become; its writer may live, or be gone."""
    for path in sorted(folder.iterdir()):
        if found := _DRAFT.fullmatch(path.name):
            yield path, found[1]


def _draft_of(place: Path) -> Path:
    return place.with_name(f".{place.name}-{secrets.token_hex(8)}")

"""Members of zip archives."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from typing import TYPE_CHECKING

from protocol.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20


def extracted(archive: Path, member: str, target: Path) -> Path:
    """Write a member of an archive into ``target``, and return that.

    Raises
    ------
    UnavailableError
        If the file is no zip archive, is damaged, or has no such member.
    """
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError) as error:
        raise UnavailableError(f"{archive.name} is no archive with {member} in it ({error})") from error
    return target

"""Read files that strangers may have written: regular files only, of a bounded size, and JSON of a bounded depth."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import math
import os
import stat
from typing import TYPE_CHECKING, Any

from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

MOST_DOCUMENT_BYTES = 32 * 2**20
"""The largest JSON document that is read; a record takes some 20 kB, and 80 bytes more for each epoch of a curve."""

MOST_LEVELS = 100
"""The most levels of lists and objects, one within the other."""

MOST_DIGITS = 100
"""The most digits of a whole number: more may not fit into a float."""

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.EISDIR)


class NotReadableError(RecbenchError):
    """A file or folder could not be read, which says nothing about what is in it."""


def not_readable(error: OSError, place: Path) -> NotReadableError:
    """Return what to tell of a place that the system did not let this process read."""
    reason = error.strerror or str(error)
    return NotReadableError(
        f"{place} cannot be read ({reason[:1].lower()}{reason[1:]}); that is no damage: keep it, and try again as a "
        "user who may read it, or once the system allows it"
    )


def read_file(path: Path, most: int | None = None) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    most
        The bytes that it may have at most; None for no limit.

    Raises
    ------
    ValueError
        If there is no such file, it is no regular file, or larger.
    NotReadableError
        If the system does not let this process read it.
    """
    with opened_file(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if most is not None and size > most:
            raise ValueError(f"it has {size:,} bytes, and at most {most:,} are read")
        return stream.read()


def read_digest(path: Path) -> str:
    """Return the SHA-256 of a regular file of any size, in hexadecimal.

    Raises
    ------
    ValueError
        If there is no such file, or it is no regular file.
    NotReadableError
        If the system does not let this process read it.
    """
    with opened_file(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a regular file; None where there is none.

    Raises
    ------
    NotReadableError
        If the system does not let this process read it.
    """
    try:
        return read_digest(path)
    except ValueError:
        return None


@contextlib.contextmanager
def opened_file(path: Path) -> Iterator[BufferedReader]:
    """Open a regular file; errors as of `read_digest`."""
    try:
        # Opening a pipe would wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError("it is no regular file")
            yield stream
    except OSError as error:
        if error.errno in _NOT_THERE:
            raise ValueError("there is no such file") from error
        raise not_readable(error, path) from error


def parsed(text: str) -> Any:
    """Return what a JSON text says.

    Raises
    ------
    ValueError
        If it is no JSON, holds a number that is not finite or too long, or is nested too deeply.
    """
    try:
        document = json.loads(text, parse_int=_integer, parse_float=_finite, parse_constant=_finite)
    except RecursionError as error:
        raise ValueError(_too_deep()) from error
    within, n_levels = [document], 0
    while within := [value for value in within if isinstance(value, dict | list)]:
        n_levels += 1
        if n_levels > MOST_LEVELS:
            raise ValueError(_too_deep())
        within = [value for outer in within for value in (outer.values() if isinstance(outer, dict) else outer)]
    return document


def _too_deep() -> str:
    return f"it is nested more than {MOST_LEVELS} levels deep"


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"{text[:12]}... has {len(text):,} digits, and at most {MOST_DIGITS} are read")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is no finite number")
    return number

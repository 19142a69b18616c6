"""Standard output and standard error: what cannot be printed there ends a command in words, or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path


def prepare_streams() -> None:
    """Keep output from ending a command: characters that an encoding lacks become "?", a closed stream swallows all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open as long as the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def flush_output() -> None:
    """Print what standard output holds back.

    Raises
    ------
    OSError
        If that is not possible; it names standard output.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error


def drop_unprinted() -> None:
    """Forget what cannot be printed: the interpreter would try once more at its end, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def print_error(text: str) -> None:
    """Print a line on standard error; where that is not possible, the exit code alone says what happened."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr)

"""Standard output and standard error: what cannot be printed there ends a command in words, or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

from bench.cli.wrapping import USUAL_WIDTH, wrapped


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


def plugins_aside() -> contextlib.AbstractContextManager[object]:
    """Send to standard error what plug-ins print when they are imported: it must not get into a command's output."""
    return contextlib.redirect_stdout(sys.stderr)


def print_error(text: str) -> None:
    """Print a line on standard error; where that is not possible, the exit code alone says what happened.

    A terminal gets lines that are broken at words; everything else gets the text as it is.
    """
    with contextlib.suppress(OSError):
        print(_for_terminal(text) if sys.stderr.isatty() else text, file=sys.stderr)


def _for_terminal(text: str) -> str:
    width = _error_width()
    return "\n".join(wrapped(line, width, others="  ") for line in text.split("\n"))


def _error_width() -> int:
    """Return the columns of the terminal that standard error is; they may be told by a variable, as elsewhere."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    with contextlib.suppress(OSError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_WIDTH
    return USUAL_WIDTH

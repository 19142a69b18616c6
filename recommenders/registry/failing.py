"""What an exception of another author's code says, in one line; an exception's own text may fail, too."""

from __future__ import annotations

import re

_ONLY_A_NUMBER = re.compile(r"\bSystemExit(: -?\d+)?( \(line \d+\))?$")
"""The end of a message about an exit that says no more than its code."""

LINE_LENGTH = 200
"""How much of the last line that a process printed is shown."""


def error_text(error: BaseException) -> str:
    """Return the kind of an exception and what it says: ``"ValueError: no users"``."""
    return f"{type(error).__name__}: {said_by(error)}".removesuffix(": ")


def said_by(error: BaseException) -> str:
    """Return what an exception says; where its ``str()`` raises, which kind of exception that was."""
    try:
        return " ".join(str(error).split())
    except BaseException as other:  # noqa: BLE001 - a stranger's class raises what it likes
        return f"(what it says cannot be shown, because its str() raised {type(other).__name__})"


def last_line_text(printed: str) -> str:
    """Return ``"; the last line it printed: ..."``; empty where nothing was printed."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return f"; the last line it printed: {last[:LINE_LENGTH]}" if last else ""


def with_reason(message: str, printed: str) -> str:
    """Return a message with the last line that was printed where it ends with an exit's code alone.

    A program such as argparse prints its reason, and then exits with a number.
    """
    return message + last_line_text(printed) if _ONLY_A_NUMBER.search(message) else message

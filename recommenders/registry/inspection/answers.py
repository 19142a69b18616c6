"""How an inspecting process answers: lines of a file, each with a token that the plug-in is not given.

The file is open only while a line is written: what a plug-in writes into all open descriptors while it is imported
does not reach it, and closing them closes nothing. What a thread of the plug-in writes meanwhile has no token.
"""

from __future__ import annotations

# Bound here, before the plug-in can put functions of its own in their places.
from json import dumps, loads
from typing import TYPE_CHECKING

from recommenders.registry.inspection.outcome import Inspection, from_json, to_json

if TYPE_CHECKING:
    from pathlib import Path

REQUEST, ANSWERS = "request.json", "answers.txt"
"""The files through which the inspecting process is asked and answers."""


def write_answer(file: Path, token: str, number: int, inspection: Inspection) -> None:
    """Add the inspection of a class to the answers.

    Parameters
    ----------
    file
        Exists already.
    number
        That of the class within the request.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    # A line may have been begun by a thread of the plug-in. All is written in one go, so no other can come between.
    line = f"\n{token} {dumps([number, to_json(inspection)])}\n"
    with file.open("ab") as answers:
        answers.write(line.encode())


def read_answers(file: Path, token: str) -> dict[int, Inspection]:
    """Return the last answer about each class, by its number; lines that are no answers are passed over."""
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:  # The plug-in removed it.
        return {}
    answers = [_answer(line.removeprefix(begin)) for line in lines if line.startswith(begin := f"{token} ".encode())]
    return dict(answer for answer in answers if answer is not None)


def _answer(text: bytes) -> tuple[int, Inspection] | None:
    try:
        number, document = loads(text)
        return int(number), from_json(document)
    except (TypeError, ValueError, RecursionError):
        return None

"""The interpreters of this machine: which one fits what a program asks for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from python_discovery import PythonInfo

_EXPECTED = "expected a name, such as python3.11, or a range of versions, such as >=3.12.5,<3.15"


def interpreter(python: str, name: str) -> tuple[str, str]:
    """Return the path of an interpreter, and its version as in ``sys.version``.

    Looked for are the one that runs this, those on ``PATH``, the active ones of version managers such as pyenv, and
    uv's. The first that fits is taken.

    Parameters
    ----------
    python
        A name, such as ``python3.11``, a path, or a range of versions, such as ``>=3.12.5,<3.15``; empty for the
        interpreter that runs this.
    name
        The program's name, for messages.

    Raises
    ------
    RecommenderError
        If none fits, or ``python`` cannot be understood; the message says what was found, but not where.
    """
    if python in ("", "python{}.{}".format(*sys.version_info[:2])):
        return sys.executable, sys.version
    from python_discovery import get_interpreter

    try:
        found = get_interpreter(python, predicate=None if python.endswith("t") else _takes_usual_wheels)
    except ValueError as error:
        raise RecommenderError(f"{name}: python is {python!r}, {_EXPECTED}") from error
    except RuntimeError as error:
        raise RecommenderError(f"{name}: {python} does not run: {' '.join(str(error).split())[-200:]}") from error
    if found is None:
        raise RecommenderError(
            f"{name} needs an interpreter that is {python}; found {_found()}; install one that fits and put it on "
            "PATH (uv and pyenv install several beside each other)"
        )
    return str(found.executable), found.version


def _takes_usual_wheels(info: PythonInfo) -> bool:
    """Return whether it is no free-threaded build, for which packages have other wheels or none."""
    return not info.free_threaded


def _found() -> str:
    from python_discovery import iter_interpreters

    return ", ".join(sorted({f"{info.implementation} {info.version_str}" for info in iter_interpreters()})) or "none"

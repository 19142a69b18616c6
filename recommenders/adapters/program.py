"""The TOML file that describes a program as a recommender (see ``COMMAND.md``)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from protocol.folders import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS: dict[str, type] = {
    "name": str,
    "summary": str,
    "bibtex": str,
    "deterministic": bool,
    "fit": list,
    "score": list,
    "files": list,
    "requirements": list,
    "python": str,
    "parameters": dict,
    "search_space": dict,
}
"""The keys of the file and their types; ``requirements`` may also be text."""

_NEEDED = ("name", "fit", "score")
_SIMPLE = (bool, int, float, str)


@dataclass(frozen=True)
class Program:
    """A program that fits and scores.

    Parameters
    ----------
    path
        Absolute path of the TOML file; other paths are relative to its folder.
    name
        Its name in tables and for ``--recommender``.
    summary
        One line, for `recbench list`.
    bibtex
        BibTeX entries that `recbench cite` prints.
    fit, score
        Commands, each a list of words; the exchange folder is added as the last word.
    files
        Further files of the program, besides those that the commands name.
    requirements
        The requirements of its Python environment, one each; without any it has no environment.
    python
        The interpreter of that environment, such as ``python3.11``, or a range of versions, such as
        ``>=3.12.5,<3.15``; empty for the one that runs recbench.
    parameters
        Hyper-parameters by name, with their defaults.
    search_space
        The ranges and choices that `recbench tune` searches.
    deterministic
        Whether the program does not use the seed.
    """

    path: Path
    name: str
    fit: tuple[str, ...]
    score: tuple[str, ...]
    summary: str = ""
    bibtex: str = ""
    files: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    python: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    search_space: Mapping[str, Any] = field(default_factory=dict)
    deterministic: bool = False

    @property
    def source(self) -> dict[str, Path]:
        """The files of the program, by name: the TOML file, those under ``files``, and those in the commands."""
        folder = self.path.parent
        named = {word: folder / word for word in (*self.fit, *self.score, *self.files)}
        return {self.path.name: self.path} | {word: path for word, path in named.items() if path.is_file()}


def read_program(path: Path) -> Program:
    """Read the description of a program.

    Raises
    ------
    RecommenderError
        If the file does not describe a program; the message says what is wrong and what is expected.
    """
    path = expanded(path).resolve()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecommenderError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecommenderError(f"{path} is not TOML: {error}") from error
    requirements = table.get("requirements", [])
    if isinstance(requirements, str):
        table["requirements"] = _requirements(path, requirements)
    _check(path, table)
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    if isinstance(requirements, str):
        given["files"] = (*given.get("files", ()), requirements)
    return Program(path, **given)


def _requirements(path: Path, name: str) -> list[str]:
    """Return the lines of a file of requirements, without comments."""
    try:
        text = (path.parent / name).read_text(encoding="utf-8")
    except OSError as error:
        raise RecommenderError(f"{path}: its requirements, {name}, cannot be read: {error.strerror}") from error
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return [line for line in lines if line]


def _check(path: Path, table: Mapping[str, Any]) -> None:
    unknown, missing = [key for key in table if key not in _KEYS], [key for key in _NEEDED if key not in table]
    if unknown or missing:
        problem = f"has the unknown {', '.join(unknown)}" if unknown else f"lacks {', '.join(missing)}"
        raise RecommenderError(
            f"{path} {problem}; a program has {', '.join(_NEEDED)} and may have "
            f"{', '.join(key for key in _KEYS if key not in _NEEDED)}"
        )
    for key, value in table.items():
        if not isinstance(value, _KEYS[key]):
            raise RecommenderError(f"{path}: {key} is {value!r}, expected {_expected(key)}")
        if isinstance(value, list) and not all(isinstance(word, str) for word in value):
            raise RecommenderError(f"{path}: {key} is {value!r}, expected {_expected(key)}")
    for key in ("fit", "score"):
        if not table[key]:
            raise RecommenderError(f"{path}: {key} is empty, expected {_expected(key)}")
    if not re.fullmatch(r"[A-Za-z_][\w.\-]*", table["name"]):
        raise RecommenderError(f"{path}: name is {table['name']!r}, expected letters, digits, '_', '.' and '-'")
    for name, value in table.get("parameters", {}).items():
        simple = value if isinstance(value, list) else [value]
        if not name.isidentifier() or not all(isinstance(each, _SIMPLE) for each in simple):
            raise RecommenderError(
                f"{path}: the parameter {name} = {value!r} is not accepted; expected a Python identifier with a "
                "number, a text, true, false or a list of these"
            )


def _expected(key: str) -> str:
    kinds = {str: "text", bool: "true or false", list: "a list of texts", dict: "a table"}
    example = ', as in ["python", "my_program.py"]' if key in ("fit", "score") else ""
    return kinds[_KEYS[key]] + example

"""From an entry to its class, its description and the digest of its source."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.adapters.program import read_program
from recommenders.registry.description import Description, build, describe
from recommenders.registry.entry import BUILT_IN, PROGRAM, Entry, split_reference
from recommenders.registry.outline import outline_of
from recommenders.registry.python_file import load_file
from recommenders.registry.source import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from protocol.contract import Recommender


def requirements_of(entry: Entry) -> tuple[str, ...]:
    """Return which distributions, of which versions, the environment is built from that a program has of its own.

    Where pip is told to find them is left out: that may be a folder or a password. Nothing for a class, or for what
    cannot be read.
    """
    if not entry.is_program:
        return ()
    try:
        program = read_program(Path(split_reference(entry.reference)[0]))
    except RecommenderError:
        return ()
    lines = (line.partition("@")[0].strip() for line in program.requirements if not line.startswith("-"))
    return tuple(line for line in lines if line and "/" not in line)


def load_class(entry: Entry) -> type:
    """Import the class of an entry; a file is read afresh each time.

    Raises
    ------
    RecommenderError
        If it cannot be imported, or is no class with ``fit`` and ``score``.
    """
    place, name = split_reference(entry.reference)
    if place.endswith(PROGRAM):
        from recommenders.adapters.command import program_class

        return program_class(Path(place))
    found: Any = load_module(place, entry.folder)
    name = name or only_class(place, found)
    for part in name.split("."):
        if not hasattr(found, part):
            choices = ", ".join(_recommender_classes(found)) or "none"
            raise RecommenderError(f"{place} has no class {name!r}; its recommenders: {choices}")
        found = getattr(found, part)
    if not isinstance(found, type):
        raise RecommenderError(f"{entry.reference} is a {type(found).__name__}, expected a class with fit and score")
    lacking = [method for method in ("fit", "score") if not callable(getattr(found, method, None))]
    if lacking:
        raise RecommenderError(f"{entry.reference} has no method {' and no '.join(lacking)}; a recommender has both")
    return found


def new(entry: Entry, parameters: Mapping[str, Any]) -> Recommender:
    """Return a new recommender of an entry, with ``parameters`` in place of its preset's.

    Raises
    ------
    RecommenderError
        If the class cannot be imported, or does not take the parameters.
    """
    return build(load_class(entry), {**entry.preset, **parameters})


def prepare(entry: Entry) -> None:
    """Let a program make ready what takes long and is needed once, its environment; nothing else is even imported.

    Raises
    ------
    RecommenderError
        If that fails.
    """
    place, _ = split_reference(entry.reference)
    if place.endswith(PROGRAM):
        from recommenders.adapters.command import program_class

        program_class(Path(place)).prepare()


def description_of(entry: Entry) -> Description | None:
    """Return what a recommender says of itself; None for a plug-in that does not load: its job will say why.

    Where the source of a plug-in tells all, nothing of it is run, so that what it does when it is imported it does in
    its job alone.

    Raises
    ------
    RecommenderError
        If a built-in does not load.
    """
    if entry.origin == BUILT_IN:
        return describe(load_class(entry), entry.preset)
    outline = outline_of(entry.reference, entry.folder, entry.preset)
    if outline.is_complete:
        return outline.description
    try:
        return describe(load_class(entry), entry.preset)
    except RecommenderError:
        return None


def source_digest(entry: Entry) -> str:
    """Return a digest of the entry's source (see `recommenders.registry.source.digest_of`)."""
    return digest_of(entry.reference, entry.folder)


def only_class(place: str, module: ModuleType) -> str:
    """Return the name of the only recommender that a module defines.

    Raises
    ------
    RecommenderError
        If there is none, or several.
    """
    names = _recommender_classes(module)
    if not names:
        raise RecommenderError(f"{place} defines no class with fit and score")
    if len(names) > 1:
        raise RecommenderError(
            f"{place} defines {len(names)} recommenders, {', '.join(names)}; name one, as in {place}:{names[0]}"
        )
    return names[0]


def _recommender_classes(module: Any) -> list[str]:
    """Return the names of the public classes with ``fit`` and ``score`` that a module itself defines."""
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == getattr(module, "__name__", None)
        and not name.startswith("_")
        and callable(getattr(value, "fit", None))
        and callable(getattr(value, "score", None))
    ]


def load_module(place: str, folder: str) -> ModuleType:
    """Import a module, or run a file.

    Raises
    ------
    RecommenderError
        If that fails, whatever it raised.
    """
    try:
        if place.endswith(".py"):
            return load_file(Path(place))
        if folder and folder not in sys.path:
            sys.path.append(folder)
        return importlib.import_module(place)
    except (Exception, SystemExit) as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        advice = ""
        if isinstance(error, ModuleNotFoundError) and error.name == place.partition(".")[0]:
            advice = "; install it, put its folder on PYTHONPATH, or name its file"
        raise RecommenderError(f"{place} cannot be loaded: {cause}{_line_of(error, place)}{advice}") from error


def _line_of(error: BaseException, place: str) -> str:
    """Return the deepest line of a file that led to an error, `` (line 3)``; nothing where none did."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == place:
            line = step.tb_lineno
        step = step.tb_next
    return f" (line {line})" if line else ""

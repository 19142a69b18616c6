"""Entries of plug-ins: files, modules, programs and classes."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from protocol.folders import expanded
from recommenders.adapters.program import read_program
from recommenders.registry.entry import PROGRAM, Entry, split_reference
from recommenders.registry.inspection.asking import inspect_plugins
from recommenders.registry.locating import find_module, name_clash, root_of
from recommenders.registry.naming import name_of_class

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommenders.registry.inspection.outcome import Inspection


def plugin_entry(reference: str) -> Entry:
    """Return the recommender of a plug-in (see `plugin_entries`)."""
    return plugin_entries([reference])[0]


def plugin_entries(references: Iterable[str]) -> list[Entry]:
    """Return the recommenders of ``FILE.py[:Name]``, ``package.module[:Name]`` or ``FILE.toml``, in their order.

    Without a name it is the only public class defined there that has ``fit`` and ``score``; a process of its own
    imports the place to find that class (see `recommenders.registry.inspection`). The recommender is called by its
    class, in snake case; by its file where that does not load. Several places are imported side by side, so several
    that hang cost little more time than one. A package is looked for on the path and in the current folder. A TOML
    file describes a program (see `recommenders.adapters.command`), and names it.

    Raises
    ------
    RecommenderError
        If there is no such file or module; or if no class was named, and there is none or several.
    """
    located = [_located(reference) for reference in references]
    classes = [entry for entry in located if not entry.is_program]
    inspections = iter(inspect_plugins(classes))
    return [entry if entry.is_program else _named(entry, next(inspections)) for entry in located]


def _located(reference: str) -> Entry:
    """Return the entry of a plug-in; that of a class has no name yet.

    Raises
    ------
    RecommenderError
        If there is no such file or module.
    """
    place, name = split_reference(reference)
    if place.endswith(PROGRAM):
        program = read_program(Path(place))
        return Entry(program.name, f"{program.path}:Program", {}, f"file {program.path}")
    if not place.endswith(".py") and expanded(place).is_file():
        raise RecommenderError(
            f"{place} is no Python file; give --plugin the .py file that defines the class, or a program's .toml file"
        )
    if not place.endswith(".py"):
        return Entry("", f"{place}:{name}", {}, f"module {place}", folder=_folder_of(place))
    path = expanded(place).resolve()
    if not path.is_file():
        raise RecommenderError(f"there is no file {place}; give --plugin the path of a Python file")
    return Entry("", f"{path}:{name}", {}, f"file {place}")


def _named(entry: Entry, inspection: Inspection) -> Entry:
    """Return the entry of a class with its names; where it was not found, the recommender has the name of its place.

    Raises
    ------
    RecommenderError
        If no class was named, and the place loads and holds none, or several.
    """
    place, name = split_reference(entry.reference)
    if not name and inspection.outcome == "not found":
        raise RecommenderError(inspection.problem)
    name = name or inspection.name
    called = name or Path(place.removesuffix(".py")).name
    return replace(entry, name=name_of_class(called), reference=f"{place}:{name}")


def is_module(name: str) -> bool:
    """Return whether a module of this name is installed or in the current folder."""
    return find_module(name, str(Path.cwd())) is not None


def class_entry(cls: type) -> Entry:
    """Return the entry of an imported class, by which another process can import it, too.

    Raises
    ------
    RecommenderError
        If it is not defined at the top of a module.
    """
    path = _source_file(cls)
    if path is None or "<locals>" in cls.__qualname__ or cls.__module__ == "__main__":
        raise RecommenderError(
            f"{cls.__qualname__} is no class of a module, so no other process can import it; put the class into a file "
            "of its own, and import it from there"
        )
    file = Path(path).resolve()
    parts = cls.__module__.split(".")
    depth = len(parts) if file.name == "__init__.py" else len(parts) - 1
    origin = f"module {cls.__module__}"
    return Entry(
        name_of_class(cls.__name__), f"{cls.__module__}:{cls.__qualname__}", {}, origin, folder=str(file.parents[depth])
    )


def _source_file(cls: type) -> str | None:
    """Return the file of a class; None where there is none, as for a class of a notebook or of Python itself."""
    try:
        return inspect.getsourcefile(cls)
    except (TypeError, OSError):
        return None


def _folder_of(module: str) -> str:
    """Return the current folder if a module is found there; empty if it is on the path.

    Raises
    ------
    RecommenderError
        If there is no such module.
    """
    here = str(Path.cwd())
    if not is_module(module):
        raise RecommenderError(
            f"there is no module {module}, neither installed nor in the current folder; install it, put its folder on "
            f"PYTHONPATH, or pass its file{name_clash(module)}"
        )
    spec = find_module(module.partition(".")[0], here)
    root = None if spec is None else root_of(spec)
    return here if root == Path(here).resolve() and root != Path(__file__).resolve().parents[2] else ""

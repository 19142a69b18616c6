"""Entries of plug-ins: files, modules, programs and classes."""

from __future__ import annotations

import inspect
from pathlib import Path

from protocol.errors import RecommenderError
from recommenders.adapters.program import read_program
from recommenders.registry.entry import PROGRAM, Entry, split_reference
from recommenders.registry.inspecting import inspect_plugin
from recommenders.registry.locating import find_module, root_of
from recommenders.registry.naming import name_of_class


def plugin_entry(reference: str) -> Entry:
    """Return the recommender of ``FILE.py[:Name]``, ``package.module[:Name]`` or ``FILE.toml``.

    Without a name it is the only public class defined there that has ``fit`` and ``score``; a process of its own
    imports the place to find that class (see `recommenders.registry.inspecting`). The recommender is called by its
    class, in snake case; by its file where that does not load. A package is looked for on the path and in the current
    folder. A TOML file describes a program (see `recommenders.adapters.command`), and names it.

    Raises
    ------
    RecommenderError
        If there is no such file or module; or if no class was named, and there is none or several.
    """
    place, name = split_reference(reference)
    if place.endswith(PROGRAM):
        program = read_program(Path(place))
        return Entry(program.name, f"{program.path}:Program", {}, f"file {program.path}")
    folder = ""
    if place.endswith(".py"):
        path = Path(place).expanduser().resolve()
        if not path.is_file():
            raise RecommenderError(f"there is no file {place}; give --plugin the path of a Python file")
        origin, place = f"file {place}", str(path)
    else:
        origin, folder = f"module {place}", _folder_of(place)
    name = name or _only_name(place, folder)
    called = name or Path(place.removesuffix(".py")).name
    return Entry(name_of_class(called), f"{place}:{name}", {}, origin, folder=folder)


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
            "PYTHONPATH, or pass its file"
        )
    spec = find_module(module.partition(".")[0], here)
    root = None if spec is None else root_of(spec)
    return here if root == Path(here).resolve() and root != Path(__file__).resolve().parents[2] else ""


def _only_name(place: str, folder: str) -> str:
    """Return the name of the only recommender in a place; empty where it does not load.

    Raises
    ------
    RecommenderError
        If it loads and there is none, or several.
    """
    inspection = inspect_plugin(Entry("", f"{place}:", folder=folder))
    if inspection.outcome == "not found":
        raise RecommenderError(inspection.problem)
    return inspection.name

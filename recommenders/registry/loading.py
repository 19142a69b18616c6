"""Loading the class of an entry, and building a recommender from it."""

from __future__ import annotations

import importlib
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.registry.description import build
from recommenders.registry.entry import PROGRAM, Entry, split_reference
from recommenders.registry.failing import error_text
from recommenders.registry.locating import name_clash
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from protocol.contract import Recommender


def load_class(entry: Entry) -> type:
    """Import the class of an entry in this process; a file is read afresh each time.

    Raises
    ------
    RecommenderError
        If it cannot be imported, or is neither a class with ``fit`` and ``score`` nor a PyTorch module that recbench
        can train.
    """
    place, name = split_reference(entry.reference)
    if place.endswith(PROGRAM):
        from recommenders.adapters.command import program_class

        return program_class(Path(place))
    module = load_module(place, entry.folder)
    try:
        return find_class(place, module, name or only_class(place, module))
    except RecommenderError:
        raise
    except Exception as error:  # A metaclass may raise anything.
        raise import_failure(place, error) from error


def new(entry: Entry, parameters: Mapping[str, Any]) -> Recommender:
    """Return a new recommender of an entry, with ``parameters`` in place of its preset's.

    Raises
    ------
    RecommenderError
        If the class cannot be imported, or does not take the parameters.
    """
    return build(load_class(entry), {**entry.preset, **parameters})


def load_module(place: str, folder: str) -> ModuleType:
    """Import a module, or run a file.

    Raises
    ------
    RecommenderError
        If that fails, whatever it raised.
    """
    try:
        with _no_arguments(place):
            if place.endswith(".py"):
                return load_file(Path(place))
            if folder and folder not in sys.path:
                sys.path.append(folder)
            return importlib.import_module(place)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise import_failure(place, error) from error


@contextmanager
def _no_arguments(place: str) -> Iterator[None]:
    """Let what reads the command line while it is imported find its own name, and no arguments: they are recbench's."""
    before = sys.argv
    sys.argv = [place]
    try:
        yield
    finally:
        sys.argv = before


def find_class(place: str, module: ModuleType, name: str) -> type:
    """Return a recommender's class within a module; ``name`` may have dots.

    Raises
    ------
    RecommenderError
        If there is no such class, or it lacks ``fit`` or ``score`` and is no PyTorch module that recbench can train.
    """
    from recommenders.modules.kinds import is_module_class

    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            choices = ", ".join(_recommender_classes(found)) or "none"
            raise RecommenderError(f"{place} has no class {name!r}; its recommenders: {choices}")
        found = getattr(found, part)
    if not isinstance(found, type):
        if is_module_class(type(found)):
            raise RecommenderError(
                f"{place}:{name} is a module that is built already, expected its class, {type(found).__name__}; "
                "recbench builds it, with the numbers of users and items"
            )
        raise RecommenderError(f"{place}:{name} is a {type(found).__name__}, expected a class with fit and score")
    lacking = [method for method in ("fit", "score") if not callable(getattr(found, method, None))]
    if lacking and not is_module_class(found):
        raise RecommenderError(f"{place}:{name} has no method {' and no '.join(lacking)}; a recommender has both")
    return as_recommender(found)


def as_recommender(cls: type) -> type:
    """Return a class as it is if it has ``fit`` and ``score``; of a bare PyTorch module, the recommender made of it.

    Raises
    ------
    RecommenderError
        If recbench cannot train the module.
    """
    from recommenders.modules.kinds import is_module_class
    from recommenders.modules.wrapping import recommender_class

    return recommender_class(cls) if is_module_class(cls) and not _fits_and_scores(cls) else cls


def only_class(place: str, module: ModuleType) -> str:
    """Return the name of the only recommender that a module defines.

    Raises
    ------
    RecommenderError
        If there is none, or several.
    """
    from recommenders.modules.kinds import is_module_class, problem_of

    names = _recommender_classes(module)
    if not names:
        problems = [problem_of(value) for value in _own_classes(module).values() if is_module_class(value)]
        module_too = " and no PyTorch module that recbench can train" if "torch" in sys.modules else ""
        raise RecommenderError("; ".join([f"{place} defines no class with fit and score{module_too}", *problems]))
    if len(names) > 1:
        raise RecommenderError(
            f"{place} defines {len(names)} recommenders, {', '.join(names)}; name one, as in {place}:{names[0]}"
        )
    return names[0]


def _recommender_classes(module: Any) -> list[str]:
    """Return the names of the recommenders that a module itself defines: public classes with ``fit`` and ``score``.

    Where there are none, they are the PyTorch modules that recbench can train.
    """
    from recommenders.modules.kinds import is_module_class, problem_of

    own = _own_classes(module)
    whole = [name for name, value in own.items() if _fits_and_scores(value)]
    return whole or [name for name, value in own.items() if is_module_class(value) and not problem_of(value)]


def _own_classes(module: Any) -> dict[str, type]:
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == getattr(module, "__name__", None)
        and not name.startswith("_")
    }


def _fits_and_scores(cls: type) -> bool:
    return callable(getattr(cls, "fit", None)) and callable(getattr(cls, "score", None))


def import_failure(place: str, error: BaseException) -> RecommenderError:
    """Return the error that says why a file or module cannot be imported: the cause, its line, and what helps."""
    advice = ""
    if isinstance(error, ModuleNotFoundError) and error.name == place.partition(".")[0]:
        advice = "; install it, put its folder on PYTHONPATH, or name its file"
    elif isinstance(error, ImportError) and error.name:
        advice = name_clash(error.name)
    return RecommenderError(f"{place} cannot be loaded: {error_text(error)}{_line_of(error, place)}{advice}")


def _line_of(error: BaseException, place: str) -> str:
    """Return the deepest line of a file that led to an error, as `` (line 3)``; empty where none did."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == place:
            line = step.tb_lineno
        step = step.tb_next
    return f" (line {line})" if line else ""

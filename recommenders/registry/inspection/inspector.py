"""Import a plug-in and describe it: ``python -m recommenders.registry.inspection.inspector FOLDER``.

The folder holds the request; the answers are written into the file beside it (see
`recommenders.registry.inspection.answers`), first one for each class that was asked for, then another for each with a
search space, too.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.registry.description import describe
from recommenders.registry.failing import error_text
from recommenders.registry.inspection.answers import ANSWERS, REQUEST, write_answer
from recommenders.registry.inspection.outcome import Inspection
from recommenders.registry.loading import find_class, import_failure, load_module, only_class
from recommenders.registry.search_space import DeclaredSpace, declared_space
from recommenders.registry.source_files import source_folder
from recommenders.registry.used.recording import Recording
from recommenders.registry.used.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from recommenders.registry.inspection.outcome import Outcome


def inspect_place(place: str, folder: str, names: list[str]) -> Iterator[tuple[int, Inspection]]:
    """Import a file or a module, and yield an inspection of each of some classes in it, with its number.

    Search spaces come last, in a second inspection of each class: a ``search_space()`` that ends the process, or never
    returns, takes no description with it.

    Parameters
    ----------
    folder
        Where a package is looked for, too (see `recommenders.registry.Entry`).
    names
        Names of classes within the module; an empty one means the only recommender there.
    """
    with Recording.of(Roots.here(source_folder(f"{place}:", folder))) as recording:
        yield from _inspected(place, folder, names, recording)


def _inspected(place: str, folder: str, names: list[str], recording: Recording) -> Iterator[tuple[int, Inspection]]:
    try:
        module = load_module(place, folder)
    except RecommenderError as error:
        yield from enumerate([Inspection("not imported", problem=str(error))] * len(names))
    except BaseException as error:  # noqa: BLE001 - a KeyboardInterrupt is the plug-in's own here
        yield from enumerate([Inspection("not imported", problem=str(import_failure(place, error)))] * len(names))
    else:
        found = []
        for number, name in enumerate(names):
            found.append(_inspect_class(place, module, name))
            yield number, found[number]
        for number, inspection in enumerate(found):
            if inspection.outcome == "described":
                space = _space_of(place, module, inspection.name)
                # Which packages are installed is part of the key of each inspection (see `cache`).
                used = replace(recording.used(), distributions={})
                yield number, replace(inspection, space=space, used=used)


def _inspect_class(place: str, module: ModuleType, name: str) -> Inspection:
    outcome: Outcome = "not found"
    try:
        name = name or only_class(place, module)
        cls = find_class(place, module, name)
        outcome = "not described"
        return Inspection("described", name, describe(cls, {}))
    except RecommenderError as error:
        return Inspection(outcome, problem=str(error))
    except BaseException as error:  # noqa: BLE001 - whatever the class's own code raises is its problem
        subject = f"{place}:{name}" if name else place
        return Inspection("not described", problem=f"{subject} cannot be described: {error_text(error)}")


def _space_of(place: str, module: ModuleType, name: str) -> DeclaredSpace:
    try:
        return declared_space(find_class(place, module, name))
    except BaseException as error:  # noqa: BLE001 - a KeyboardInterrupt is the plug-in's own here
        return DeclaredSpace(problem=error_text(error))


def _main(folder: Path) -> None:
    request: dict[str, Any] = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    # The process that asked ends this one at its time limit. This is for the case that it is gone by then.
    faulthandler.dump_traceback_later(request["timeout_s"] + 5, exit=True)
    sys.argv[1:] = []  # The arguments are not the plug-in's.
    # An edit within a second that keeps the size of a file would leave Python with the old bytecode.
    sys.dont_write_bytecode = True
    for number, inspection in inspect_place(request["place"], request["folder"], request["names"]):
        write_answer(folder / ANSWERS, request["token"], number, inspection)
    # Threads and exit handlers of the plug-in are not waited for.
    os._exit(0)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

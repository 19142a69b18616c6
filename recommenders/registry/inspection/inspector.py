"""Import a plug-in and describe it: ``python -m recommenders.registry.inspection.inspector FOLDER``.

The folder holds the request; the answers are written into the file beside it (see
`recommenders.registry.inspection.answers`), first one for each class that was asked for, then another for each with a
search space, too. Where the request asks a class about its memory, that is all it does.
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
from protocol.train_facts import TrainFacts
from recommenders.registry.description import describe
from recommenders.registry.failing import error_text
from recommenders.registry.foreseeing import Foreseen, foreseen_when_built
from recommenders.registry.inspection.answers import ANSWERS, REQUEST, write_answer
from recommenders.registry.inspection.outcome import Inspection
from recommenders.registry.loading import find_class, import_failure, load_module, only_class
from recommenders.registry.search_space import DeclaredSpace, declared_space
from recommenders.registry.source_files import source_folder
from recommenders.registry.used.recording import Recording
from recommenders.registry.used.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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


def ask_class(place: str, folder: str, name: str, asked: Mapping[str, Any]) -> Iterator[Inspection]:
    """Import a file or a module, and yield what a class says about its memory, after the fact that it was found.

    Parameters
    ----------
    asked
        ``parameters``, ``placement``, and ``facts``: the fields of `protocol.train_facts.TrainFacts`.
    """
    try:
        cls = find_class(place, load_module(place, folder), name)
        yield Inspection("described", name)
        foreseen = foreseen_when_built(cls, asked["parameters"], TrainFacts(**asked["facts"]), asked["placement"])
    except BaseException as error:  # noqa: BLE001 - whatever the class's own code raises is its problem
        foreseen = Foreseen(problem=str(error) if isinstance(error, RecommenderError) else error_text(error))
    yield Inspection("described", name, foreseen=foreseen)


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
    place, names, asked = (request["place"], request["folder"]), request["names"], request["asked"]
    found = inspect_place(*place, names) if asked is None else ((0, one) for one in ask_class(*place, names[0], asked))
    for number, inspection in found:
        write_answer(folder / ANSWERS, request["token"], number, inspection)
    # Threads and exit handlers of the plug-in are not waited for.
    os._exit(0)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

"""Plug-ins described without importing them here: each is imported in a process of its own, with a time limit."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, replace
from itertools import islice
from json import dumps
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.registry.entry import split_reference
from recommenders.registry.foreseeing import NOT_DECLARED, Foreseen
from recommenders.registry.inspection import cache
from recommenders.registry.inspection.outcome import Inspection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protocol.train_facts import TrainFacts
    from recommenders.registry.entry import Entry
    from recommenders.registry.inspection.cache import Key

TIMEOUT_S = 20.0
"""Seconds that importing and describing the plug-ins of a file or module may take."""

MODULE_TIMEOUT_S = 60.0
"""Seconds that building a bare module may take, to count its parameters: PyTorch and the kernels are imported."""

_answered: dict[tuple[Key, str], Foreseen] = {}
"""What recommenders of this process's plug-ins said about their memory; a problem is not remembered."""

_N_PARALLEL = 4
"""How many processes run at once."""


def inspect_plugin(entry: Entry, timeout_s: float | None = None) -> Inspection:
    """Return what importing the recommender of an entry shows (see `inspect_plugins`)."""
    return inspect_plugins([entry], timeout_s)[0]


def inspect_plugins(entries: Sequence[Entry], timeout_s: float | None = None) -> list[Inspection]:
    """Return what importing the recommenders of some entries shows, in their order; none is imported in this process.

    Those of one file or module are imported in one process, unless an earlier inspection still answers (see
    `recommenders.registry.inspection.cache`).

    Parameters
    ----------
    timeout_s
        Seconds after which the process of a file or module is ended; `TIMEOUT_S` by default.

    Raises
    ------
    RecommenderError
        If this process is itself inspecting a plug-in, which would never end.
    """
    found: dict[tuple[str, str], Inspection] = {}
    missing: dict[tuple[str, str], list[Key]] = {}
    for entry in entries:
        known = _known(entry)
        if isinstance(known, Inspection):
            found[entry.reference, entry.folder] = known
        else:
            missing.setdefault((split_reference(entry.reference)[0], entry.folder), []).append(known)
    for key, inspection in _inspect(missing, TIMEOUT_S if timeout_s is None else timeout_s) if missing else ():
        cache.keep(key, inspection)
        if inspection.name:  # The only recommender of a place is asked for by its name from now on.
            place, _ = split_reference(key.reference)
            cache.keep(replace(key, reference=f"{place}:{inspection.name}"), inspection)
        found[key.reference, key.folder] = inspection
    return [found[entry.reference, entry.folder] for entry in entries]


def ask_plugin(
    entry: Entry,
    parameters: Mapping[str, Any],
    facts: TrainFacts,
    placement: Mapping[str, str],
    timeout_s: float | None = None,
) -> Foreseen:
    """Return what a recommender with these parameters says about its memory, asked in a process of its own.

    Parameters
    ----------
    timeout_s
        Seconds after which that process is ended; `TIMEOUT_S` by default.

    Raises
    ------
    RecommenderError
        If this process is itself inspecting a plug-in, which would never end.
    """
    from recommenders.registry.inspection.process import started

    inspection = inspect_plugin(entry)
    if inspection.description is None or not inspection.description.foresees:
        return Foreseen(problem=inspection.problem or NOT_DECLARED)
    place, _ = split_reference(entry.reference)
    asked = {"parameters": {**entry.preset, **parameters}, "facts": asdict(facts), "placement": dict(placement)}
    try:
        question = dumps(asked)
    except (TypeError, ValueError):
        return Foreseen(problem="it was not asked, because a parameter is an object of Python")
    key = cache.key_of(entry.reference, entry.folder), question
    if key not in _answered:
        usual = MODULE_TIMEOUT_S if inspection.description.is_counted else TIMEOUT_S
        limit = usual if timeout_s is None else timeout_s
        with started(place, entry.folder, [inspection.name], limit, asked) as process:
            (answer,) = process.answers()
        found = answer.foreseen or Foreseen(problem=answer.problem)
        if found.problem:
            return found
        _answered[key] = found
    return _answered[key]


def _known(entry: Entry) -> Inspection | Key:
    """Return the inspection of an entry if there is one already, or that there is no source; else its key."""
    try:
        key = cache.key_of(entry.reference, entry.folder)
    except RecommenderError as error:
        return Inspection("not imported", problem=str(error))
    return cache.find(key) or key


def _inspect(places: Mapping[tuple[str, str], Sequence[Key]], timeout_s: float) -> Iterator[tuple[Key, Inspection]]:
    from recommenders.registry.inspection.process import started

    waiting = iter(places.items())
    while batch := [*islice(waiting, _N_PARALLEL)]:
        with ExitStack() as stack:
            running = [
                stack.enter_context(
                    started(place, folder, [split_reference(key.reference)[1] for key in keys], timeout_s)
                )
                for (place, folder), keys in batch
            ]
            for process, (_, keys) in zip(running, batch, strict=True):
                yield from zip(keys, process.answers(), strict=True)

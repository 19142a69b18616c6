"""Facts about an entry that need no fit: its description, the digest of its source, its requirements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.adapters.program import read_program
from recommenders.registry.description import describe
from recommenders.registry.entry import is_ours, split_reference
from recommenders.registry.foreseeing import NOT_DECLARED, Foreseen, foreseen_by_class
from recommenders.registry.inspection.asking import ask_plugin, inspect_plugin
from recommenders.registry.loading import load_class
from recommenders.registry.placement import ON_CPU
from recommenders.registry.search_space import declared_space
from recommenders.registry.source import digest_of
from recommenders.registry.source_files import source_folder
from recommenders.registry.used.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocol.train_facts import TrainFacts
    from recommenders.registry.description import Description
    from recommenders.registry.entry import Entry
    from recommenders.registry.search_space import DeclaredSpace


def description_of(entry: Entry) -> Description | None:
    """Return the description of a recommender; None for a plug-in that does not load: its job says why.

    A plug-in is imported in a process of its own, so that nothing it does there ends or stops this one (see
    `recommenders.registry.inspection.asking`).

    Raises
    ------
    RecommenderError
        If a recommender of this package, or a program, cannot be described.
    """
    if is_imported_here(entry):
        return describe(load_class(entry), entry.preset)
    description = inspect_plugin(entry).description
    return None if description is None else description.with_preset(entry.preset)


def required_description_of(entry: Entry) -> Description:
    """Return the description of a recommender (see `description_of`).

    Raises
    ------
    RecommenderError
        If it does not load.
    """
    description = description_of(entry)
    if description is None:
        raise RecommenderError(inspect_plugin(entry).problem)
    return description


def search_space_of(entry: Entry) -> DeclaredSpace:
    """Return the search space that a recommender's class declares; a plug-in is asked in a process of its own.

    Raises
    ------
    RecommenderError
        If the class cannot be loaded.
    """
    if is_imported_here(entry):
        return declared_space(load_class(entry))
    inspection = inspect_plugin(entry)
    if inspection.space is None:
        raise RecommenderError(inspection.problem)
    return inspection.space


def foreseen_of(
    entry: Entry,
    parameters: Mapping[str, Any],
    facts: TrainFacts,
    placement: Mapping[str, str] = ON_CPU,
    timeout_s: float | None = None,
) -> Foreseen:
    """Return what a recommender says about its memory before it is fitted; a plug-in is asked in a process of its own.

    Parameters
    ----------
    parameters
        Those that differ from the defaults.
    timeout_s
        See `recommenders.registry.inspection.asking.ask_plugin`.
    """
    if entry.is_program:
        return Foreseen(problem=NOT_DECLARED)
    if not is_imported_here(entry):
        return ask_plugin(entry, parameters, facts, placement, timeout_s)
    try:
        return foreseen_by_class(load_class(entry), {**entry.preset, **parameters}, facts, placement)
    except RecommenderError as error:
        return Foreseen(problem=str(error))


def is_imported_here(entry: Entry) -> bool:
    """Return whether describing an entry runs no code but this package's: it is ours, or a program's TOML file."""
    return is_ours(entry.origin) or entry.is_program


def source_digest(entry: Entry) -> str:
    """Return a digest of the entry's source (see `recommenders.registry.source.digest_of`)."""
    return digest_of(entry.reference, entry.folder)


def roots_of(entry: Entry) -> Roots:
    """Return from where the names of files count that a recommender uses, here and now."""
    return Roots.here(None if is_ours(entry.origin) else source_folder(entry.reference, entry.folder))


def requirements_of(entry: Entry) -> tuple[str, ...]:
    """Return the distributions, with versions, from which a program's own environment is built.

    Options of pip are left out, and where it finds a distribution: that may be a folder or hold a password. Empty for a
    class, and for a program that cannot be read.
    """
    if not entry.is_program:
        return ()
    try:
        program = read_program(Path(split_reference(entry.reference)[0]))
    except RecommenderError:
        return ()
    lines = (line.partition("@")[0].strip() for line in program.requirements if not line.startswith("-"))
    return tuple(line for line in lines if line and "/" not in line)

"""Preparing an entry once, before its jobs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders.registry.entry import split_reference
from recommenders.registry.facts import is_imported_here
from recommenders.registry.inspection.asking import inspect_plugin

if TYPE_CHECKING:
    from recommenders.registry.entry import Entry


def prepare(entry: Entry) -> None:
    """Build the environment of a program; make sure that importing a plug-in does not take too long.

    Raises
    ------
    RecommenderError
        If the environment cannot be built; or if the plug-in was not described in time: its jobs might load after all,
        and would then run as they were planned, without its description.
    """
    if entry.is_program:
        from recommenders.adapters.command import program_class

        program_class(Path(split_reference(entry.reference)[0])).prepare()
    elif not is_imported_here(entry):
        inspection = inspect_plugin(entry)
        if inspection.outcome == "timed out":
            raise RecommenderError(inspection.problem)

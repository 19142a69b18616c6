"""Keep the fitted model, in the job's process: after the record is written, so that nothing here can cost the row.

What was saved is loaded into a new recommender, and must give the scores that the row is about: a model that is kept
and scores otherwise would be worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.contract import Keepable
from protocol.evaluation.probing import TOLERANCE, Witness, probe
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from protocol.contract import Recommender

NO_METHODS = "its recommender has no save and load"


@dataclass(frozen=True)
class Measured:
    """A recommender that was fitted and scored.

    Parameters
    ----------
    model
        The recommender.
    witness
        Saw the scores.
    new
        Builds a recommender with the same parameters.
    """

    model: Recommender
    witness: Witness
    new: Callable[[], Recommender]


def problem_file(folder: Path) -> Path:
    """Return where `keep` writes why a model is not in its folder."""
    return folder.with_name(f"{folder.name}-problem")


def keep(measured: Measured, folder: Path) -> None:
    """Save a model into a new folder, which is there once all is right; else `problem_file` says what is wrong."""
    draft = folder.with_name(f"{folder.name}-draft")
    try:
        draft.mkdir()
        problem = _saved(measured, draft)
        if problem is None:
            draft.rename(folder)
            return
    except BaseException as error:  # noqa: BLE001 - a stranger's class raises what it likes
        problem = registry.error_text(error)
    problem_file(folder).write_text(problem, encoding="utf-8", errors="backslashreplace")


def _saved(measured: Measured, folder: Path) -> str | None:
    """Save a model and load it again; return what is wrong."""
    model, new = measured.model, measured.new()
    if not isinstance(model, Keepable) or not isinstance(new, Keepable):
        return NO_METHODS
    try:
        model.save(folder)
    except BaseException as error:  # noqa: BLE001 - it is the recommender's own
        return f"save raised {registry.error_text(error)}"
    try:
        loaded = new.load(folder)
        if loaded is not new:
            return f"load returned {type(loaded).__name__}, expected the recommender itself"
        moved = probe(loaded, measured.witness, "the loaded model").moved
    except BaseException as error:  # noqa: BLE001 - it is the recommender's own
        return f"what it saved cannot be used: {registry.error_text(error)}"
    return None if moved <= TOLERANCE else "the loaded model gives other scores than the fitted one"

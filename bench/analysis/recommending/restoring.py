"""Build the recommender of a record again, from its kept model: nothing is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.choices import typed
from protocol.contract import Keepable, Recommender
from protocol.errors import ProtocolError, RecbenchError, RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.records.kept_model import KeptModel
    from bench.records.record import Record

AGAIN = "`recbench run --keep-models` fits it anew"


def restored(record: Record, folder: Path, plugins: Mapping[str, registry.Entry]) -> Recommender:
    """Return the fitted recommender of a record whose model is kept.

    Parameters
    ----------
    folder
        Of the record.
    plugins
        Recommenders beside those that are registered, by their names.

    Raises
    ------
    ProtocolError
        If nothing was kept, or its files are damaged.
    RecommenderError
        If the recommender is not known here, its code has changed, or it does not load what it saved.
    """
    model, label = record.model, record.recommender.label
    if model is None or model.problem is not None:
        raise ProtocolError(f"the model of {label} is not kept{f': {model.problem}' if model else f'; {AGAIN}'}")
    _check_files(model, folder, label)
    entry = entry_of(record, plugins)
    if registry.source_digest(entry) != record.recommender.source_sha256:
        raise RecommenderError(f"the code of {label} has changed since its model was kept; {AGAIN}")
    try:
        recommender = registry.new(entry, typed(entry, record.recommender.parameters))
        if not isinstance(recommender, Keepable):
            raise RecommenderError(f"{label} has no save and load")
        return recommender.load(folder / model.folder)
    except RecbenchError:
        raise
    except Exception as error:  # A stranger's class raises what it likes.
        raise RecommenderError(f"{label} does not load its kept model: {registry.error_text(error)}") from error


def entry_of(record: Record, plugins: Mapping[str, registry.Entry]) -> registry.Entry:
    """Return the recommender of a record; a plug-in's only where its file is given, as a built-in may have its name.

    Raises
    ------
    RecommenderError
        If the file of a plug-in is not given, or no recommender has the name.
    """
    recommender = record.recommender
    if recommender.origin == "file" and recommender.name not in plugins:
        given = f"; those that are given have {', '.join(plugins)}" if plugins else ""
        raise RecommenderError(f"{recommender.label} is a plug-in's: give its file with --plugin{given}")
    return registry.find(recommender.name, plugins)


def _check_files(model: KeptModel, folder: Path, label: str) -> None:
    for path in model.changed_in(folder):
        raise ProtocolError(f"{path} is missing, or has changed since the model of {label} was kept; {AGAIN}")

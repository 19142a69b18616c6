"""The data of stored records, loaded again: what the records say of them, and what the user has to say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from protocol.data.datarec import PREFIX as DATAREC
from protocol.data.datarec import is_exported
from protocol.data.fetching import find
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError
from protocol.tasks.split_rule import rule_of_part

if TYPE_CHECKING:
    from pathlib import Path

    from bench.data import Data
    from bench.records.task import RecordedTask
    from protocol.data.dataset import Dataset

_FILTERS = ("minimum rating", "-core:")
"""Parts of a dataset's notes by which notes about filters are recognised."""

_KNOWN_BY_PREFIX = ("synthetic", DATAREC.removesuffix(":"))
"""What the names of datasets begin with that say by themselves where the data come from."""


def load_data(data: Data, *, offline: bool) -> Dataset:
    """Load a dataset; offline, only one that is on this machine.

    Raises
    ------
    DatasetError
        If it cannot be loaded.
    """
    if offline and isinstance(data.dataset, str) and _is_to_be_fetched(data.dataset, data.data_dir):
        raise DatasetError(f"{data.dataset} is not here, and --offline fetches nothing; say --data-dir FOLDER")
    return data.load()


def _is_to_be_fetched(name: str, data_dir: Path | None) -> bool:
    if name.startswith(DATAREC):
        return not is_exported(name)
    return name in REGISTERED and find(name, data_dir) is None


def source_of(task: RecordedTask, data: Data) -> Data:
    """Return which data the records of a task are of: those that are named, else those that the records name.

    Raises
    ------
    DatasetError
        If the records do not say enough: they were filtered, and ``data`` has no filter; or they name no dataset that
        is known by its name alone.
    """
    filters = filters_of(task)
    if filters and data.min_rating is None and data.core is None:
        raise DatasetError(f"the data were filtered ({'; '.join(filters)}); give the same --min-rating and --core")
    if data.dataset is not None:
        return data
    name = task.dataset
    if name not in REGISTERED and name.partition(":")[0] not in _KNOWN_BY_PREFIX:
        raise DatasetError(f"the records are of {name}; say where it is with --dataset")
    return replace(data, dataset=name)


def filters_of(task: RecordedTask) -> list[str]:
    """Return what the records say of filters: ``5-core: 1,234 interactions left out``."""
    return [note for note in task.facts.notes if any(mark in note for mark in _FILTERS)]


def protocol_of(task: RecordedTask, data: Data) -> Data:
    """Return the options with the protocol's as they were: where every user has enough items, "all" is "error".

    Raises
    ------
    ValueError
        If the records name no protocol that can be followed.
    """
    return replace(
        data,
        protocol_seed=int(task.parts.protocol_seed),
        negatives=task.facts.n_negatives,
        short_users="drop" if task.facts.n_dropped_users else "all",
        split=str(rule_of_part(task.parts.split)),
    )

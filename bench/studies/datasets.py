"""The datasets of a study: what each is called, and where its results go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import READING_OPTIONS, Data
from bench.names import file_name
from bench.studies.collecting import TUNING
from bench.writing.text import enumerated
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocol.data.dataset import Dataset
    from protocol.tasks.task import Task


@dataclass(frozen=True, eq=False)
class StudyDataset:
    """One dataset of a study.

    Parameters
    ----------
    name
        What the study calls it.
    data
        Where it comes from, and how it is split.
    """

    name: str
    data: Data

    @property
    def folder_name(self) -> str:
        """The name of the folder of its results."""
        return file_name(self.name)


@dataclass(frozen=True, eq=False)
class LoadedData(Data):
    """Data that are read once, though a search and a run both need them.

    Parameters
    ----------
    loaded
        What was read.
    """

    loaded: Dataset | None = None

    def load(self) -> Dataset:
        """Return what was read."""
        return super().load() if self.loaded is None else self.loaded

    def folder(self, dataset: Dataset, task: Task) -> Path:
        """Return where results go by default, as for the same data before they were read."""
        return Data(**{field.name: getattr(self, field.name) for field in fields(Data)}).folder(dataset, task)


def loaded(data: Data) -> LoadedData:
    """Read data.

    Raises
    ------
    DatasetError
        If they cannot be had (see `bench.data.Data.load`).
    """
    return LoadedData(**{field.name: getattr(data, field.name) for field in fields(Data)}, loaded=data.load())


def default_name(data: Data) -> str:
    """Return what a study calls data that are given no name: ``a/ratings.csv`` is ``ratings``."""
    if isinstance(data.dataset, str):
        return file_name(data.dataset)
    return data.name or "data"


def check_distinct_datasets(datasets: Sequence[StudyDataset]) -> None:
    """Refuse two datasets of one name, and one dataset twice.

    Raises
    ------
    ProtocolError
        Naming them; or if there are none, or a name is the one of the folder of searches.
    """
    if not datasets:
        raise ProtocolError("the study has no datasets; name at least one, as in datasets = ['ml-100k']")
    by_content: dict[Any, StudyDataset] = {}
    for dataset in datasets:
        content = _content(dataset.data)
        if content in by_content:
            raise ProtocolError(
                f"the dataset {_source(dataset.data)} is given twice (as {by_content[content].name} and as "
                f"{dataset.name}), and would count twice; leave one out"
            )
        by_content[content] = dataset
    for folder, count in Counter(dataset.folder_name for dataset in datasets).items():
        if count > 1:
            same = [f"{one.name} ({_source(one.data)})" for one in datasets if one.folder_name == folder]
            raise ProtocolError(
                f"{enumerated(same)} would have one name, {folder}, and one folder of results; give each dataset a "
                "name of its own (name = ...) in a study file"
            )
        if folder == TUNING:
            raise ProtocolError(f"a dataset cannot be called {TUNING!r}: the folder of searches is; name it otherwise")


def _source(data: Data) -> str:
    return data.dataset if isinstance(data.dataset, str) else "a DataFrame"


def _content(data: Data) -> tuple[object, ...]:
    """Return what two datasets share if they are read from one place in one way."""
    source = data.dataset
    if isinstance(source, str):
        place: object = str(Path(source).resolve()) if Path(source).exists() else source
    else:
        place = id(source)
    return place, *(repr(getattr(data, name)) for name in READING_OPTIONS if name != "name")

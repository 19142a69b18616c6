"""The datasets of a study from their folders of results, and the figure that all of them have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.analysis.views import views_of
from bench.names import value_name
from bench.records.results_folders import folders_of_results, is_study, refuse_several
from bench.records.store import Store
from bench.studies.columns import DatasetRecords, Figure
from bench.writing.text import enumerated
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.names import View

TUNING = "tuning"
"""The folder of a study that holds the searches, a folder for each dataset."""


def read_folders(folders: Sequence[Path]) -> list[DatasetRecords]:
    """Return the datasets of some folders of results, each called as its records call it.

    The folder of a study stands for the folders in it, which have the names of its datasets.

    Raises
    ------
    ProtocolError
        If a folder is given twice or holds no records, or the datasets do not make a study (see `check_datasets`).
    """
    named = [
        (each, each.name if is_study(folder) else None)
        for folder in folders
        for each in (folders_of_results(folder) if is_study(folder) else [folder])
    ]
    places = [folder.resolve() for folder, _ in named]
    twice = next((str(place) for place, count in Counter(places).items() if count > 1), None)
    if twice is not None:
        raise ProtocolError(f"the folder {twice} is given twice; give each dataset once")
    found = []
    for folder, name in named:
        refuse_several(folder)
        records = tuple(Store(folder).records(with_lists=False))
        found.append(DatasetRecords(name or str(records[0].task.dataset), records, folder))
    check_datasets(found)
    return found


def check_datasets(datasets: Iterable[DatasetRecords]) -> None:
    """Refuse datasets whose ranks cannot be put beside each other.

    Raises
    ------
    ProtocolError
        If two have one name, one dataset comes twice, or a folder holds a search on a validation task.
    """
    by_name: dict[str, DatasetRecords] = {}
    by_content: dict[str, DatasetRecords] = {}
    for dataset in datasets:
        if dataset.task.purpose != "test":
            raise ProtocolError(
                f"{dataset.folder} holds trials of a search on the {dataset.task.purpose} task of {dataset.name}, "
                "expected results of `recbench run`; give the folder of a run"
            )
        content = dataset.task.parts.dataset
        if content in by_content:
            other = by_content[content]
            splits = (
                ""
                if other.task.digest == dataset.task.digest
                else ", or compare splits of one dataset with `recbench run --repeat-splits`"
            )
            raise ProtocolError(
                f"{other.folder} and {dataset.folder} hold results of the same interactions ({other.name} and "
                f"{dataset.name}), so that one dataset would count twice; give each dataset once{splits}"
            )
        if dataset.name in by_name:
            raise ProtocolError(
                f"{by_name[dataset.name].folder} and {dataset.folder} hold two datasets of one name, {dataset.name}; "
                "name the datasets in a study file, or rename one file of interactions and run it again"
            )
        by_name[dataset.name] = by_content[content] = dataset


def figure_of(datasets: Sequence[DatasetRecords], metric: str, k: int, view: View | None) -> Figure:
    """Return the figure that all datasets have.

    Parameters
    ----------
    view
        None for the one that the tasks of all datasets are measured by.

    Raises
    ------
    ProtocolError
        If the tasks are measured by different views and none is chosen, or a dataset does not have the one chosen.
    """
    check_views({dataset.name: views_of(dataset.task) for dataset in datasets}, value_name("sampled", metric, k), view)
    return Figure(metric, k, views_of(datasets[0].task)[0] if view is None else view)


def check_views(of_datasets: Mapping[str, Sequence[View]], figure: str, view: View | None) -> None:
    """Refuse datasets that are not all measured by one figure.

    Parameters
    ----------
    of_datasets
        The views of each dataset; the first one is its measure.
    figure
        What is compared, as in ``NDCG@10``.
    view
        The view that is chosen; None for the measure.

    Raises
    ------
    ProtocolError
        Naming the datasets.
    """
    full = [name for name, views in of_datasets.items() if views == ("full",)]
    if not full or view == "full" or (view is None and len(full) == len(of_datasets)):
        return
    others = [name for name in of_datasets if name not in full]
    against = f", and on {enumerated(others)} against drawn negatives" if others else ""
    raise ProtocolError(
        f"{figure} is measured on {enumerated(full)} against every untouched item{against}; compare by a view that all "
        "datasets have: full (--view full)"
    )

"""Results of several datasets: records, where they are stored, and the table over the datasets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.results import Results, results_of, results_of_one_task
from bench.actions.shown import Shown
from bench.studies.description import Compared
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bench.names import Format, View
    from bench.studies.columns import DatasetRecords
    from bench.studies.comparison import StudyComparison


@dataclass(frozen=True, eq=False, repr=False)
class StudyResults(Shown):
    """Results of several datasets: a table over them, and a data frame to compute with.

    A notebook shows the table; ``print`` prints it.

    Parameters
    ----------
    datasets
        The records of each dataset, in the order of the study.
    lost
        Why other datasets have none, by name.
    compared
        What the table shows.
    """

    datasets: tuple[DatasetRecords, ...]
    lost: Mapping[str, str] = field(default_factory=dict)
    compared: Compared = field(default_factory=Compared)

    @cached_property
    def comparison(self) -> StudyComparison:
        """All values of the table (see `bench.studies.comparison.StudyComparison`).

        Raises
        ------
        ProtocolError
            If the datasets do not all have the figure, or no row is called like the baseline.
        """
        from bench.studies.collecting import figure_of
        from bench.studies.comparison import compare_over_datasets

        what = self.compared
        figure = figure_of(self.datasets, what.metric, what.k, what.view)
        return compare_over_datasets(self.datasets, figure, baseline=what.baseline, lost=self.lost)

    @property
    def n_failed(self) -> int:
        """The number of jobs that failed."""
        return sum(record.failed for dataset in self.datasets for record in dataset.records)

    def results_of(self, dataset: str) -> Results:
        """Return the results of one dataset, by its name.

        Raises
        ------
        ProtocolError
            If there is no such dataset.
        """
        for one in self.datasets:
            if one.name == dataset:
                return Results(one.records_with_lists(), one.folder)
        raise ProtocolError(
            f"no dataset is called {dataset!r}; there are {', '.join(one.name for one in self.datasets)}"
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The table as a data frame, unrounded, one row per recommender; see `bench.tables.study.to_frame`."""
        return self.to_frame()

    def to_frame(self, *, is_long: bool = False) -> pd.DataFrame:
        """Return the values as a data frame.

        Parameters
        ----------
        is_long
            Whether to have one row for each recommender and dataset, in place of one for each recommender.
        """
        from bench.tables.study import to_frame

        return to_frame(self.comparison, is_long=is_long)

    def render(
        self, form: Format = "terminal", *, styled: bool = False, width: int | None = None, brief: bool = False
    ) -> str:
        """Return the table as text; see `bench.tables.study.render`."""
        from bench.tables.study import render

        return render(self.comparison, form, styled=styled, width=width, brief=brief)


def results_over(folders: Sequence[Path | str], **options: Any) -> StudyResults:
    """Return the results of several folders, or of those in one folder of a study.

    Parameters
    ----------
    folders
        Each of one dataset.
    options
        As for the table of one dataset; a table over datasets shows one cut-off, metric and view.

    Raises
    ------
    ProtocolError
        If a folder holds no records, the datasets do not make a study, or more is asked for than the table shows.
    """
    from bench.studies.collecting import read_folders

    return StudyResults(tuple(read_folders([Path(folder) for folder in folders])), compared=compared_of(**options))


def study_of(
    results: Results | StudyResults | Path | str | Sequence[Path | str],
    *,
    k: int | None = None,
    metric: str | None = None,
    view: View | None = None,
    baseline: str | None = None,
) -> StudyResults | None:
    """Return the results of several datasets; None if these are of one dataset.

    Parameters
    ----------
    results
        Results, one folder, or several. The folder of a study is several.
    k, metric, view, baseline
        What is compared; None leaves it as it is.

    Raises
    ------
    ProtocolError
        If an option does not take its value, a folder holds no records, or the datasets do not make a study.
    """
    from bench.options import read
    from bench.records.results_folders import is_study
    from bench.studies.collecting import read_folders

    given = {
        name: None if value is None else read(name, value)
        for name, value in (("cutoff", k), ("metric", metric), ("view", view))
    }
    given["k"] = given.pop("cutoff")
    if isinstance(results, Results):
        return None
    if isinstance(results, StudyResults):
        return replace(results, compared=results.compared.changed(**given, baseline=baseline))
    folders = [Path(results)] if isinstance(results, Path | str) else [Path(each) for each in results]
    if len(folders) == 1 and not is_study(folders[0]):
        return None
    return StudyResults(tuple(read_folders(folders)), compared=Compared().changed(**given, baseline=baseline))


def one_of(
    results: Results | StudyResults | Path | str | Sequence[Path | str], *, with_splits: bool = False
) -> Results:
    """Return the results of one dataset, also where their folder is the only one of a list.

    Parameters
    ----------
    with_splits
        Whether they may be over repeated splits.

    Raises
    ------
    ProtocolError
        If they are of several datasets, of several splits where one is wanted, or there are none.
    """
    read = results_of if with_splits else results_of_one_task
    if isinstance(results, Results | Path | str):
        return read(results)
    folders = [] if isinstance(results, StudyResults) else list(results)
    if len(folders) != 1:
        raise ProtocolError(f"expected the results of one dataset, found {len(folders)} folders; name one")
    return read(folders[0])


def compared_of(
    shown: Compared | None = None,
    *,
    k: Any = None,
    metrics: Any = None,
    views: Any = None,
    baseline: str | None = None,
    beyond_accuracy: Any = None,
    slices: Any = None,
) -> Compared:
    """Return what a table over datasets shows, from the options of the table of one dataset.

    Parameters
    ----------
    shown
        What it shows where an option is None.
    k, metrics, views, baseline, beyond_accuracy, slices
        See `bench.actions.table.table`.

    Raises
    ------
    ProtocolError
        If more than one cut-off, metric or view is given, or anything beyond accuracy or slices of users.
    """
    from bench.names import DEFAULT_VIEWS
    from bench.options import read

    if beyond_accuracy:
        raise ProtocolError("a table over datasets shows accuracy alone; leave out what is beyond accuracy")
    if slices:
        raise ProtocolError(
            "a table over datasets does not show slices of users (--slices): each dataset has its own; the table of "
            "one dataset does, as in `recbench table STUDY/DATASET --slices`"
        )
    given = {
        "k": None if k is None else read("k", k),
        "metric": None if metrics is None else read("metrics", metrics),
        "view": None if views is None else read("views", views),
    }
    if given["view"] == DEFAULT_VIEWS:  # Nothing was asked for.
        given["view"] = None
    for name, values in given.items():
        if values is not None and len(values) > 1:
            raise ProtocolError(
                f"{name}: {', '.join(map(str, values))} are {len(values)}, and a table over datasets shows one; "
                "choose one"
            )
    chosen = {name: None if values is None else values[0] for name, values in given.items()}
    return (shown or Compared()).changed(**chosen, baseline=baseline)

"""Results: records, where they are stored, and how their table is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from bench.actions.shown import Shown
from bench.names import DEFAULT_VIEWS
from bench.options import READERS, read
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bench.names import Format, View
    from bench.records.groups import Group
    from bench.records.record import Record


class GivenTableOptions(TypedDict, total=False):
    """The options of a table as a caller writes them; None leaves one as it is."""

    k: int | str | Sequence[int] | None
    metrics: str | Sequence[str] | None
    views: str | Sequence[View] | None
    baseline: str | None
    beyond_accuracy: bool | None
    slices: bool | None


@dataclass(frozen=True)
class TableOptions:
    """The options of a table.

    Parameters
    ----------
    k
        Cut-offs of the metrics; the first one sorts the rows.
    metrics
        Some of `protocol.evaluation.metrics.METRICS`; None for hit rate and NDCG. NDCG sorts and is tested or, without
        it, the first one.
    views
        The first sorts the rows, is tested, and is shown with hit rate, NDCG and intervals; others are shown with NDCG
        alone: some of ``"sampled"``, ``"expected"`` and ``"full"``.
    baseline
        The row that all others are tested against, if it was named beforehand; None to test all pairs.
    beyond_accuracy
        Whether to show, too, what each recommender's lists are like: coverage, popularity, novelty.
    slices
        Whether to show, too, the mean that sorts the rows by slices of users: by their activity, and by the popularity
        of their held-out item.
    """

    k: tuple[int, ...] = (10,)
    metrics: tuple[str, ...] | None = None
    views: tuple[View, ...] = DEFAULT_VIEWS
    baseline: str | None = None
    beyond_accuracy: bool = False
    slices: bool = False

    def changed(self, **given: Any) -> TableOptions:
        """Return the options with others in place of some, as a caller writes them; None leaves one as it is.

        Raises
        ------
        ProtocolError
            If an option does not take the value.
        """
        values = {name: value for name, value in given.items() if value is not None}
        return replace(
            self, **{name: read(name, value) if name in READERS else value for name, value in values.items()}
        )

    def arguments(self) -> dict[str, Any]:
        """Return the options as `bench.tables.results` takes them."""
        return {
            "ks": self.k,
            "metrics": self.metrics,
            "views": self.views,
            "baseline": self.baseline,
            "beyond_accuracy": self.beyond_accuracy,
            "slices": self.slices,
        }


@dataclass(frozen=True, eq=False, repr=False)
class Results(Shown):
    """Results: a table to look at, and a data frame to compute with.

    A notebook shows the table; ``print`` prints it.

    Parameters
    ----------
    records
        One for each recommender and training seed, in the order of the run.
    folder
        Where they are stored.
    options
        What the table shows; `bench.table` shows the same results in another way.
    """

    records: tuple[Record, ...]
    folder: Path
    options: TableOptions = field(default_factory=TableOptions)

    @property
    def n_failed(self) -> int:
        """The number of jobs that failed."""
        return sum(record.failed for record in self.records)

    @property
    def groups(self) -> list[Group]:
        """The records of each row."""
        from bench.records.groups import group_records

        return group_records(self.records)

    @property
    def documents(self) -> Path:
        """The pattern of the records' documents."""
        from bench.records.store import DOCUMENT, RECORDS

        return self.folder / RECORDS / "*" / DOCUMENT

    @property
    def frame(self) -> pd.DataFrame:
        """The table as a data frame, unrounded, one row per recommender; see `bench.tables.results.to_frame`."""
        return self.to_frame()

    def to_frame(self, *, every_figure: bool = False) -> pd.DataFrame:
        """Return the table as a data frame; see `bench.tables.results.to_frame`.

        Parameters
        ----------
        every_figure
            Whether to include all columns of the CSV format, such as the bounds of the intervals and the tests.
        """
        from bench.tables.results import to_frame

        return to_frame(self.records, every_figure=every_figure, **self.options.arguments())

    def render(
        self, form: Format = "terminal", *, styled: bool = False, width: int | None = None, brief: bool = False
    ) -> str:
        """Return the table as text; see `bench.tables.results.render`."""
        from bench.tables.results import render

        return render(self.records, form, styled=styled, width=width, brief=brief, **self.options.arguments())


@dataclass(frozen=True, eq=False, repr=False)
class ResultsOverSplits(Results):
    """Results over repeated splits of one dataset (P28): one table of means over the splits.

    Parameters
    ----------
    records
        Of all splits.
    folder
        Each split has a folder of results in ``folder/splits``.
    """

    @property
    def groups(self) -> list[Group]:
        """The records of each row of each split; the rows of one recommender have one label."""
        from bench.records.groups import group_records
        from bench.records.splits import records_by_split

        return [group for split in records_by_split(self.records) for group in group_records(split.records)]

    @property
    def documents(self) -> Path:
        """The pattern of the records' documents."""
        from bench.records.results_folders import SPLITS
        from bench.records.store import DOCUMENT, RECORDS

        return self.folder / SPLITS / "*" / RECORDS / "*" / DOCUMENT

    def to_frame(self, *, every_figure: bool = False) -> pd.DataFrame:
        """Return the table as a data frame; see `bench.tables.over_splits.to_frame`."""
        from bench.tables.over_splits import to_frame

        return to_frame(self.records, every_figure=every_figure, **self._arguments())

    def render(
        self, form: Format = "terminal", *, styled: bool = False, width: int | None = None, brief: bool = False
    ) -> str:
        """Return the table as text; see `bench.tables.over_splits.render`."""
        from bench.tables.over_splits import render

        return render(self.records, form, styled=styled, width=width, brief=brief, **self._arguments())

    def _arguments(self) -> dict[str, Any]:
        """Return the options as `bench.tables.over_splits` takes them."""
        arguments = self.options.arguments()
        check_shown_over_splits(self.options)
        del arguments["beyond_accuracy"], arguments["slices"]
        return arguments


def check_shown_over_splits(options: TableOptions) -> None:
    """Refuse what a table over repeated splits does not show.

    Raises
    ------
    ProtocolError
        If beyond-accuracy measures or slices of users are asked for.
    """
    refused = {
        "coverage, popularity and novelty (--beyond-accuracy)": options.beyond_accuracy,
        "slices of users (--slices)": options.slices,
    }
    for what, is_asked in refused.items():
        if is_asked:
            from bench.records.results_folders import SPLITS

            raise ProtocolError(
                f"a table over repeated splits does not show {what}; the table of each split does: name its folder, "
                f"as in `recbench table RESULTS/{SPLITS}/SPLIT`"
            )


def results_of(results: Results | Path | str) -> Results:
    """Return results as they are, or those that a folder holds.

    Raises
    ------
    ProtocolError
        If the folder holds no records, or the datasets of a study; or a record is damaged.
    """
    if isinstance(results, Results):
        return results
    from bench.records.results_folders import folders_of_splits, refuse_several
    from bench.records.store import Store

    folder, store = Path(results), Store(Path(results))
    splits = folders_of_splits(folder)
    if splits and store.is_empty:
        return ResultsOverSplits(tuple(record for split in splits for record in Store(split).records()), folder)
    refuse_several(folder)
    return Results(tuple(store.records()), folder)


def results_of_one_task(results: Results | Path | str) -> Results:
    """Return results as `results_of` does, of one task alone.

    Raises
    ------
    ProtocolError
        If they are over repeated splits.
    """
    found = results_of(results)
    if isinstance(found, ResultsOverSplits):
        from bench.records.results_folders import refuse_several

        refuse_several(found.folder)
    return found

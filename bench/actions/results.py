"""Results: records, where they are stored, and how their table is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.shown import Shown
from bench.names import DEFAULT_VIEWS
from bench.options import READERS, read

if TYPE_CHECKING:
    import pandas as pd

    from bench.names import Format, View
    from bench.records.record import Record


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

    def render(self, form: Format = "terminal", *, styled: bool = False, width: int | None = None) -> str:
        """Return the table as text; see `bench.tables.results.render`."""
        from bench.tables.results import render

        return render(self.records, form, styled=styled, width=width, **self.options.arguments())


def results_of(results: Results | Path | str) -> Results:
    """Return results as they are, or those that a folder holds.

    Raises
    ------
    ProtocolError
        If the folder holds no records, or one is damaged.
    """
    if isinstance(results, Results):
        return results
    from bench.records.store import Store

    folder = Path(results)
    return Results(tuple(Store(folder).records()), folder)

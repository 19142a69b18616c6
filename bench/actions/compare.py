"""Compare two rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.actions.results import results_of_one_task
from bench.actions.shown import Shown
from bench.options import cutoff, read
from protocol.evaluation.metrics import PRIMARY

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bench.actions.results import Results
    from bench.analysis.head_to_head import HeadToHead
    from bench.names import Format, View


@dataclass(frozen=True, eq=False, repr=False)
class RowComparison(Shown):
    """Two rows against each other, over all users and over slices of them.

    A notebook shows the table; ``print`` prints it.

    Parameters
    ----------
    found
        The differences, with their intervals.
    """

    found: HeadToHead

    @property
    def frame(self) -> pd.DataFrame:
        """One row per slice of users, all users first, unrounded; see `bench.tables.head_to_head.to_frame`."""
        from bench.tables.head_to_head import to_frame

        return to_frame(self.found)

    def render(
        self, form: Format = "terminal", *, styled: bool = False, width: int | None = None, brief: bool = False
    ) -> str:
        """Return the comparison as text; see `bench.tables.head_to_head.render`."""
        from bench.tables.head_to_head import render

        return render(self.found, form, styled=styled, width=width, brief=brief)


def compare(
    results: Results | Path | str,
    ours: str,
    theirs: str,
    *,
    metric: str = PRIMARY,
    view: View | None = None,
    k: int = 10,
) -> RowComparison:
    """Compare two rows of a table, over all users and over slices of them.

    ``bench.compare("runs/ml-100k", "als", "ease:reg=500")``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one.
    ours, theirs
        Rows as the table calls them.
    metric
        One of `protocol.evaluation.metrics.METRICS`: ``"NDCG"``, ``"HR"``, ``"MRR"``, ``"AUC"``.
    view
        ``"sampled"``, ``"expected"`` or ``"full"``; by default the one that the task is measured by.
    k
        Cut-off of the metric.

    Raises
    ------
    RecbenchError
        If the folder holds no records, a row is unknown or failed, or the task does not have the view.
    """
    from bench.analysis.head_to_head import compare_rows

    chosen, found = read("metric", metric), results_of_one_task(results)
    return RowComparison(compare_rows(found.records, ours, theirs, chosen, view, cutoff(k)))

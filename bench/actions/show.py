"""Show what stored records hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.actions.results import results_of_one_task
from bench.actions.shown import Shown
from bench.options import read
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bench.actions.results import Results
    from bench.analysis.shown_record import ShownRecord
    from bench.names import Format


@dataclass(frozen=True, eq=False, repr=False)
class ShownRecords(Shown):
    """Records: a line each, or all that they hold.

    Parameters
    ----------
    records
        In the order of their rows and seeds.
    is_whole
        Whether a terminal, and JSON, get all that a record holds; else a line's figures.
    """

    records: tuple[ShownRecord, ...]
    is_whole: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each record, unrounded; see `bench.tables.record_list.to_frame`."""
        from bench.tables.record_list import to_frame

        return to_frame(self.records)

    def render(
        self,
        form: Format = "terminal",
        *,
        styled: bool = False,
        width: int | None = None,
        brief: bool = False,  # noqa: ARG002 - its notes are few
    ) -> str:
        """Return the records as text."""
        if form == "terminal" and self.is_whole:
            from bench.tables.one_record import record_text

            return "\n".join(record_text(one, width) for one in self.records)
        from bench.tables.record_list import render

        return render(self.records, form, styled=styled, width=width, is_whole=self.is_whole)


def show(results: Results | Path | str, row: str | None = None, *, seed: int | None = None) -> ShownRecords:
    """Return what stored records hold, in a form that shows itself: parameters, figures, curves, machine, failures.

    ``print(bench.show("runs/ml-100k", "neumf"))``.

    Parameters
    ----------
    results
        The folder of a run, or the `Results` of one.
    row
        The row whose records to show whole, as the table prints it; by default all records, in a line each.
    seed
        The training seed of the records to show; all by default.

    Raises
    ------
    ProtocolError
        If the folder holds no records, one is damaged, there is no such row, or no record of such a seed.
    """
    from bench.analysis.recommending.printed_rows import label_of
    from bench.analysis.shown_record import ShownRecord
    from bench.records.store import Store

    chosen, found = read("seed", seed), results_of_one_task(results)
    groups, store = found.groups, Store(found.folder)
    labels = [group.label for group in groups] if row is None else [label_of(row, groups)]
    records = [
        ShownRecord(group.label, record, store.folder_of(record))
        for group in groups
        if group.label in labels
        for record in sorted((*group.fitted, *group.failed), key=lambda record: record.seed)
    ]
    of_seed = tuple(one for one in records if chosen is None or one.record.seed == chosen)
    if not of_seed:
        seeds = ", ".join(map(str, sorted({one.record.seed for one in records})))
        what = f"{found.folder} has no record" if row is None else f"the row {row} has no record"
        raise ProtocolError(f"{what} of the training seed {seed}; there are {seeds}")
    return ShownRecords(tuple(sorted(of_seed, key=lambda one: one.label)), is_whole=row is not None)

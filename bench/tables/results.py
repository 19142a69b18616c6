"""The comparison table: a pure function of records, in the formats of `bench.names.FORMATS`.

Accuracy is shown as ``.6670 ±.031``. The best of each accuracy column is bold where the format can; rows that agree in
all four digits shown are all best, because a reader cannot tell them apart. A suspicious row is never the best, and
nothing is where a metric is the same for every recommender. A dagger marks every row that the tests cannot distinguish
from the best, or from the baseline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.summary import Summary, summarise
from bench.analysis.views import shown_views
from bench.names import DEFAULT_VIEWS, FORMATS, Format, View, check_known, file_name
from bench.tables.columns import best_text, columns_of, drop_order, row_values
from bench.tables.document import table_document
from bench.tables.failures import failure_words
from bench.tables.notes import notes_of
from bench.tables.remarks import remarks_of
from bench.tables.row_texts import cell_of, tags_of
from bench.tables.settings import with_heads
from bench.tables.subject import caption_of, title_of
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Sheet, marks_text
from bench.writing.text import NOTHING, unicode_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from bench.analysis.rows import Row
    from bench.records.record import Record
    from bench.tables.column import Column


def render(
    records: Iterable[Record],
    form: Format = "terminal",
    ks: Sequence[int] = (10,),
    *,
    metrics: Sequence[str] | None = None,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    slices: bool = False,
    styled: bool = False,
    width: int | None = None,
    brief: bool = False,
) -> str:
    """Return the table of records as text, ending in a newline.

    Parameters
    ----------
    form
        ``csv`` and ``json`` hold all values, unrounded, with the bounds of the intervals.
    ks
        Cut-offs of the metrics; the first one sorts the rows.
    metrics
        Names of `protocol.evaluation.metrics.METRICS`, by default HR and NDCG. NDCG sorts the rows and is tested; where
        it is not among them, the first one does and is.
    views
        The first sorts the rows, is tested, and is shown with all metrics and intervals; others are shown with the
        sorting metric alone. Those that the task does not have are left out (see `bench.analysis.views.shown_views`).
    baseline
        The label of the row that all others are tested against, if it was named beforehand. By default all pairs are
        tested, and the marks compare each row with the best.
    beyond_accuracy
        Whether a second block shows coverage, popularity and novelty (see `bench.analysis.beyond_accuracy`).
    slices
        Whether further blocks show the mean that sorts the rows over slices of users (see `bench.analysis.slices`).
    styled
        Whether a terminal's bold type is wanted.
    width
        Of the terminal, in columns; None for all columns of the table. Columns without room are left out and named, the
        least important first: the costs (cpu, build, peak, score, select, fit), then, for the last cut-off, the sorting
        metric in the other views, the other metrics, and the sorting metric; then the same for the other cut-offs. The
        mean that sorts the rows stays.
    brief
        Whether a terminal shows a few sentences in place of the notes (see `bench.tables.remarks`).

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, or the format, a metric, a view or the baseline is
        unknown.
    """
    check_known("table format", form, FORMATS)
    summary = _summary(records, ks, baseline, metrics, views, slices=slices)
    what = Writable(
        sheet=lambda: make_sheet(summary, views, beyond_accuracy=beyond_accuracy),
        values=lambda: row_values(summary),
        document=lambda: table_document(make_sheet(summary, views, beyond_accuracy=True), summary),
    )
    return write(what, form, styled=styled, width=width, brief=brief)


def to_frame(
    records: Iterable[Record],
    ks: Sequence[int] = (10,),
    *,
    metrics: Sequence[str] | None = None,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    slices: bool = False,
    every_figure: bool = False,
) -> pd.DataFrame:
    """Return the table with unrounded values; one row per recommender, which is the index.

    The frame's ``attrs`` hold the text around the table: ``title`` and ``notes``, and with them ``dataset`` and
    ``task``, the digest that two frames must share to be compared.

    Parameters
    ----------
    metrics, views, baseline, beyond_accuracy, slices
        See `render`. ``distinguishable`` is False for the rows that the table marks, and None for the one that they
        are tested against.
    every_figure
        Whether all columns of the CSV format are wanted, such as the bounds of the intervals (``HR@10_low``,
        ``HR@10_high``, ...), the tests and the seeds. By default the frame has the columns of the printed table, and
        ``failure`` where something failed.
    """
    import pandas as pd

    summary = _summary(records, ks, baseline, metrics, views, slices=slices)
    sheet = make_sheet(summary, views, beyond_accuracy=beyond_accuracy)
    frame = pd.DataFrame(unicode_values(row_values(summary))).set_index("recommender")
    if not every_figure:
        columns = columns_of(summary, "frame", shown_views(summary.task, views))
        frame = frame[[column.key for column in columns if beyond_accuracy or column.group != "beyond accuracy"]]
    frame.attrs = {
        "title": sheet.title,
        "notes": sheet.notes_by_keyword,
        "dataset": summary.task.dataset,
        "task": summary.task.digest,
    }
    return frame


def _summary(
    records: Iterable[Record],
    ks: Sequence[int],
    baseline: str | None,
    metrics: Sequence[str] | None,
    views: Sequence[View],
    *,
    slices: bool,
) -> Summary:
    """Return the values of a table that shows these views: the first of them sorts and is tested."""
    kept = tuple(records)
    first = shown_views(kept[0].task, views)[0] if kept else None
    return summarise(kept, ks, baseline, metrics, first, slices=slices)


def make_sheet(summary: Summary, views: Sequence[View] = DEFAULT_VIEWS, *, beyond_accuracy: bool = False) -> Sheet:
    """Return the table as a sheet; see `render`."""
    shown = shown_views(summary.task, views)
    blocks = [_block(summary, summary.rows, columns_of(summary, "table", shown))]
    fitted = [row for row in summary.rows if not row.failed]
    further = (*["second block"] * beyond_accuracy, "activity block", "popularity block")
    known = [columns for place in further if (columns := columns_of(summary, place))]
    blocks += [_block(summary, fitted, columns, with_marks=False) for columns in known]
    return Sheet(
        title_of(summary),
        tuple(blocks),
        tuple(notes_of(summary, beyond_accuracy=beyond_accuracy)),
        caption=caption_of(summary),
        name=file_name(summary.task.dataset),
        remarks=tuple(remarks_of(summary, shown)),
    )


def _block(summary: Summary, rows: Sequence[Row], columns: Sequence[Column], *, with_marks: bool = True) -> Block:
    best = [best_text(summary, rows, column) for column in columns]

    def cells(row: Row) -> tuple[Cell, ...]:
        if row.failed:
            return Cell(failure_words(row)), *(Cell(NOTHING) for _ in columns[1:])
        return tuple(
            cell_of(summary, row, column, highest, with_spread=column.has_spread)
            for column, highest in zip(columns, best, strict=True)
        )

    return Block(
        headers=(("recommender", ""), *(column.header for column in columns)),
        lines=with_heads(
            [Line(row.label, cells(row), _mark(summary, row) if with_marks else "") for row in rows], summary.settings
        ),
        # The labels are column 0 of the block.
        expendable=tuple(1 + place for place in drop_order(columns)),
        sorted_by=next((place for place, column in enumerate(columns, 1) if column.mean == summary.primary), None),
    )


def _mark(summary: Summary, row: Row) -> str:
    """Return the marks behind a row's label: external, suspicious, device, threads, faults, not tuned, on a par."""
    is_on_par, is_untuned = summary.is_marked(row), row.label in summary.untuned
    return marks_text(tags_of(summary, row), is_on_par=is_on_par, is_untuned=is_untuned)

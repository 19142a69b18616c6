"""The comparison table: a pure function of records, in six formats.

Accuracy is shown as ``.6670 ±.031``. The best of each accuracy column is bold where the format can; rows that agree in
all four digits shown are all best, because a reader cannot tell them apart. A dagger marks every row that the tests
cannot tell apart from the best, or from the baseline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.beyond_accuracy import LIST_FIGURES
from bench.analysis.summary import Row, Summary, summarise
from bench.analysis.views import shown_views
from bench.names import DEFAULT_VIEWS, FORMATS, METRICS, VIEWS, Format, View, check_known, figure_name, file_name
from bench.tables.columns import accuracy_columns, figures, list_columns, table_document
from bench.tables.notes import notes_of
from bench.tables.subject import caption_of, title_of
from bench.writing.data_files import csv_text, json_text
from bench.writing.formats import sheet_text
from bench.writing.sheet import MARK, Block, Cell, Line, Sheet
from bench.writing.text import NOTHING, accuracy_text, amount_text, spread_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from bench.records.record import Record
    from protocol.evaluation.statistics import Interval

_FAILURES = {"raised": "raised", "timeout": "timed out", "died": "died", "scores": "bad scores", "memory": "no memory"}

_LISTS = {
    "coverage": ("coverage", "of items"),
    "gini": ("Gini", "0 to 1"),
    "popularity": ("popularity", "in train"),
    "novelty": ("novelty", "bits"),
}
"""Headers of the figures about lists."""

_COSTS = {
    "selection_seconds": ("select", "s"),
    "fit_seconds": ("fit", "s"),
    "score_us_per_user": ("score", "µs/user"),
    "peak_mib": ("peak", "MiB"),
}
"""Headers of what a row has cost, by the figure's name in `bench.analysis.summary.Row`."""


def render(
    records: Iterable[Record],
    form: Format = "terminal",
    ks: Sequence[int] = (10,),
    *,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    styled: bool = False,
    width: int | None = None,
) -> str:
    """Return the table of records as text, ending in a newline.

    Parameters
    ----------
    form
        ``csv`` and ``json`` carry every figure, unrounded, with the bounds of the intervals.
    ks
        Cut-offs of hit rate and NDCG; the first one sorts the rows.
    views
        The first is shown with hit rate, NDCG and intervals, others with NDCG alone; those that the task does not
        have are left out (see `bench.analysis.views.shown_views`).
    baseline
        The label of the row that all others are tested against, if it was named beforehand; by default all pairs are
        tested, and rows marked against the best.
    beyond_accuracy
        Whether a second block shows what each user's best items are like (see `bench.analysis.beyond_accuracy`).
    styled
        Whether a terminal's bold type is wanted.
    width
        Of the terminal, in columns; None for all columns of the table. What has no place there is left out, the least
        important first, and named: the costs (peak, score, select, fit), then the last cut-off's NDCG in the other
        views, HR and NDCG, and so on for the other cut-offs; the first one's NDCG stays.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, or the format, a view or the baseline is unknown.
    """
    check_known("table format", form, FORMATS)
    summary = summarise(records, ks, baseline)
    if form == "csv":
        return csv_text(figures(summary))
    sheet = make_sheet(summary, views, beyond_accuracy=beyond_accuracy or form == "json")
    if form == "json":
        return json_text(table_document(sheet, summary))
    return sheet_text(sheet, form, styled=styled, width=width)


def to_frame(
    records: Iterable[Record],
    ks: Sequence[int] = (10,),
    *,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    every_figure: bool = False,
) -> pd.DataFrame:
    """Return the table with unrounded figures; one row per recommender, which is the index.

    The frame's ``attrs`` hold what stands above and below the table: ``title``, ``notes``, ``dataset`` and ``task``,
    the digest that two frames must share to be compared.

    Parameters
    ----------
    views, baseline, beyond_accuracy
        See `render`. ``distinguishable`` is False for the rows that the table marks, and None for the one that they
        are tested against.
    every_figure
        Whether all columns of the CSV format are wanted, such as the bounds of the intervals (``HR@10_low``,
        ``HR@10_high``, ...), the tests and the seeds. By default the frame has the columns of the printed table, and
        ``failure`` where something failed.
    """
    import pandas as pd

    summary = summarise(records, ks, baseline)
    sheet = make_sheet(summary, views, beyond_accuracy=beyond_accuracy)
    frame = pd.DataFrame(figures(summary)).set_index("recommender")
    if not every_figure:
        failed = ["failure"] if any(row.failed for row in summary.rows) else []
        lists = list_columns(ks) if beyond_accuracy else []
        accuracy = accuracy_columns(shown_views(summary.task, views), ks)
        selection = ["selection_s"] if summary.tells_selection else []
        costs = [*selection, "fit_s", "us_per_user", "peak_mib"]
        frame = frame[[*accuracy, "distinguishable", *lists, *costs, *failed]]
    frame.attrs = {
        "title": sheet.title,
        "notes": sheet.notes_by_keyword,
        "dataset": summary.task.dataset,
        "task": summary.task.digest,
    }
    return frame


def make_sheet(summary: Summary, views: Sequence[View] = DEFAULT_VIEWS, *, beyond_accuracy: bool = False) -> Sheet:
    """Return the table in words; see `render`."""
    for view in views:
        check_known("view", view, VIEWS)
    blocks = [_accuracy_block(summary, shown_views(summary.task, views))]
    if beyond_accuracy:
        blocks.append(_lists_block(summary))
    return Sheet(
        title_of(summary),
        tuple(blocks),
        tuple(notes_of(summary, beyond_accuracy=beyond_accuracy)),
        caption=caption_of(summary),
        name=file_name(summary.task.dataset),
    )


def _accuracy_block(summary: Summary, views: Sequence[View]) -> Block:
    first, *others = views
    with_spread = [(first, figure_name(first, metric, k)) for k in summary.ks for metric in METRICS]
    without = [(view, figure_name(view, "NDCG", k)) for view in others for k in summary.ks]
    best = {name: _best(summary.rows, name) for _, name in (*with_spread, *without)}
    costs = [name for name in _COSTS if name != "selection_seconds" or summary.tells_selection]
    columns = [*best, *costs]

    def cells(row: Row) -> tuple[Cell, ...]:
        if row.failed:
            kind = _FAILURES.get(str(row.failure_kind), str(row.failure_kind))
            return Cell(kind), *(Cell(NOTHING) for _ in columns[1:])
        return (
            *(_accuracy_cell(row.accuracy.get(name), best[name], spread=True) for _, name in with_spread),
            *(_accuracy_cell(row.accuracy.get(name), best[name], spread=False) for _, name in without),
            *(Cell(amount_text(getattr(row, name))) for name in costs),
        )

    return Block(
        headers=(
            ("recommender", ""),
            *(_accuracy_header(view, name) for view, name in (*with_spread, *without)),
            *(_COSTS[name] for name in costs),
        ),
        lines=tuple(Line(row.label, cells(row), _mark(summary, row)) for row in summary.rows),
        expendable=tuple(1 + columns.index(name) for name in _expendable(summary.ks, views) if name in columns),
    )


def _expendable(ks: Sequence[int], views: Sequence[View]) -> list[str]:
    """Return what a narrow table does without, the first one first: all but the figure that sorts it."""
    first, *others = views
    costs = ["peak_mib", "score_us_per_user", "selection_seconds", "fit_seconds"]
    figures = [
        name
        for k in reversed(ks)
        for name in (
            *(figure_name(view, "NDCG", k) for view in reversed(others)),
            figure_name(first, "HR", k),
            figure_name(first, "NDCG", k),
        )
    ]
    return [*costs, *figures[:-1]]


def _mark(summary: Summary, row: Row) -> str:
    """Return what stands behind a row's label: that it was not fitted here, that it is not distinguishable."""
    return " ".join(["(external)"] * row.external + [MARK] * summary.is_marked(row))


def _accuracy_header(view: View, name: str) -> tuple[str, str]:
    """Return a header in two lines, unless it is of the sampled view."""
    return (name, "") if view == "sampled" else (view, name.removeprefix(f"{view} "))


def _best(rows: Sequence[Row], name: str) -> str | None:
    """Return the best figure of a column as it is shown; None where there is nothing to compare."""
    means = [row.accuracy[name].mean for row in rows if name in row.accuracy]
    return accuracy_text(max(means)) if len(means) > 1 else None


def _accuracy_cell(interval: Interval | None, best: str | None, *, spread: bool) -> Cell:
    if interval is None:
        return Cell(NOTHING)
    text = accuracy_text(interval.mean)
    return Cell(text, spread_text(interval.half_width) if spread else "", best=text == best)


def _lists_block(summary: Summary) -> Block:
    shown = [(figure, k) for k in summary.ks for figure in LIST_FIGURES]
    lines = [
        Line(row.label, tuple(_list_cell(row.lists.get(f"{figure}@{k}"), figure) for figure, k in shown))
        for row in summary.rows
        if not row.failed
    ]
    headers = [(f"{_LISTS[figure][0]}@{k}", _LISTS[figure][1]) for figure, k in shown]
    return Block((("recommender", ""), *headers), tuple(lines), expendable=tuple(range(len(shown), 1, -1)))


def _list_cell(value: float | None, figure: str) -> Cell:
    if value is None:
        return Cell(NOTHING)
    return Cell(accuracy_text(value) if figure in ("coverage", "gini") else amount_text(value))

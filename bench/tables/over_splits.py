"""The table over repeated splits (P28): means over splits, the variation between them, and each row's place in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analysis.over_splits import RowOverSplits, SplitsSummary, summarise_splits
from bench.analysis.views import shown_views
from bench.names import DEFAULT_VIEWS, FORMATS, Format, View, check_known, file_name, value_name
from bench.records.splits import records_by_split
from bench.tables.columns import highest_text
from bench.tables.comparison import COMPARISON, comparison_values
from bench.tables.document import tests_document
from bench.tables.split_notes import caption_over_splits, notes_over_splits, title_over_splits
from bench.tables.split_remarks import remarks_over_splits
from bench.tables.timing import timing_document, timing_values
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Sheet, marks_text
from bench.writing.text import NOTHING, accuracy_text, amount_text, finite, unicode_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from bench.analysis.summary import Summary
    from bench.records.record import Record


def render(
    records: Iterable[Record],
    form: Format = "terminal",
    ks: Sequence[int] = (10,),
    *,
    metrics: Sequence[str] | None = None,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    styled: bool = False,
    width: int | None = None,
    brief: bool = False,
) -> str:
    """Return the table over repeated splits as text, ending in a newline.

    Parameters
    ----------
    form, ks, metrics, views, baseline, styled, width, brief
        See `bench.tables.results.render`.

    Raises
    ------
    ProtocolError
        If the records are no repeated splits, or as `bench.tables.results.render` does.
    """
    check_known("table format", form, FORMATS)
    shown, summary = _summary(records, ks, baseline, metrics, views)
    what = Writable(
        sheet=lambda: make_sheet(summary, shown),
        values=lambda: row_values(summary, shown),
        document=lambda: _document(summary, shown),
    )
    return write(what, form, styled=styled, width=width, brief=brief)


def to_frame(
    records: Iterable[Record],
    ks: Sequence[int] = (10,),
    *,
    metrics: Sequence[str] | None = None,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    every_figure: bool = False,
) -> pd.DataFrame:
    """Return the table over repeated splits with unrounded values; one row per recommender, which is the index.

    The frame's ``attrs`` hold ``title``, ``notes`` and ``dataset``, and in ``tasks`` the digest of each split by its
    name.

    Parameters
    ----------
    every_figure
        Whether all columns of the CSV format are wanted, such as the tests.
    """
    import pandas as pd

    shown, summary = _summary(records, ks, baseline, metrics, views)
    sheet = make_sheet(summary, shown)
    frame = pd.DataFrame(unicode_values(row_values(summary, shown))).set_index("recommender")
    if not every_figure:
        frame = frame[[*(column.key for column in _columns(summary, shown)), "distinguishable"]]
    frame.attrs = {
        "title": sheet.title,
        "notes": sheet.notes_by_keyword,
        "dataset": summary.first.task.dataset,
        "tasks": {name: each.task.digest for name, each in summary.summaries.items()},
    }
    return frame


def _summary(
    records: Iterable[Record],
    ks: Sequence[int],
    baseline: str | None,
    metrics: Sequence[str] | None,
    views: Sequence[View],
) -> tuple[tuple[View, ...], SplitsSummary]:
    """Return the views to show, of which the first sorts and is tested, and the values of the table."""
    kept = tuple(records)
    shown = shown_views(records_by_split(kept)[0].task, views)
    return shown, summarise_splits(kept, ks, baseline, metrics, shown[0])


@dataclass(frozen=True)
class _Column:
    """A column: its name in files, its header, the value of a row, and its text.

    Parameters
    ----------
    has_best
        Whether the highest value is the best one.
    is_time
        Whether it depends on the conditions that a row was timed under.
    """

    key: str
    header: tuple[str, str]
    value: Callable[[RowOverSplits], Any]
    text: Callable[[Any], str]
    has_best: bool = False
    expendable: bool = True
    is_time: bool = False


def _columns(summary: SplitsSummary, views: Sequence[View]) -> list[_Column]:
    """Return the columns of the printed table."""
    first = summary.first
    figures = [(views[0], metric, k) for k in first.ks for metric in first.metrics_as_shown]
    figures += [(view, first.primary_metric, k) for view in views[1:] for k in first.ks]
    # A metric without a cut-off is the same at each.
    by_name = {value_name(*figure): figure for figure in reversed(figures)}
    return [
        *(_mean_column(summary, name, by_name[name]) for name in dict.fromkeys(value_name(*each) for each in figures)),
        _Column(
            _key(f"{first.primary} sd"),
            (first.primary, "sd"),
            lambda row: row.deviation(first.primary),
            accuracy_text,
        ),
        _Column(
            "places",
            ("place", "by split"),
            lambda row: " ".join(map(str, summary.places(row))) if row in summary.complete else None,
            str,
            expendable=False,
        ),
        *(_split_column(summary, name) for name in summary.summaries),
        _Column("fit_s", ("fit", "s"), lambda row: row.fit_seconds, amount_text, is_time=True),
    ]


def _mean_column(summary: SplitsSummary, name: str, figure: tuple[View, str, int]) -> _Column:
    return _Column(
        _key(name),
        (name, "mean"),
        lambda row: row.mean(name),
        accuracy_text,
        has_best=not all(_is_decided(each, figure) for each in summary.summaries.values()),
        expendable=name != summary.first.primary,
    )


def _split_column(summary: SplitsSummary, split: str) -> _Column:
    first, name = summary.first, summary.first.primary
    return _Column(
        _key(f"{name} {split}"),
        (name, split),
        lambda row: row.values(name).get(split),
        accuracy_text,
        has_best=not _is_decided(summary.summaries[split], (first.primary_view, first.primary_metric, first.ks[0])),
    )


def _is_decided(summary: Summary, figure: tuple[View, str, int]) -> bool:
    """Return whether the number of rivals decides a figure of a split for every recommender, so that none is best."""
    view, metric, k = figure
    rivals = summary.rivals.get(view)
    return rivals is not None and rivals.decides(metric, k)


def _key(name: str) -> str:
    return name.replace(" ", "_")


def make_sheet(summary: SplitsSummary, views: Sequence[View]) -> Sheet:
    """Return the table as a sheet."""
    columns = _columns(summary, views)
    best = [_best(summary, column) for column in columns]
    lines = tuple(
        Line(
            row.label,
            tuple(_cell(summary, row, column, highest) for column, highest in zip(columns, best, strict=True)),
            _mark(summary, row),
        )
        for row in summary.rows
    )
    block = Block(
        headers=(("recommender", ""), *(column.header for column in columns)),
        lines=lines,
        # The costs and the single splits go first, from the right.
        expendable=tuple(1 + place for place, column in reversed(list(enumerate(columns))) if column.expendable),
        sorted_by=next(
            (place for place, each in enumerate(columns, 1) if each.key == _key(summary.first.primary)), None
        ),
    )
    return Sheet(
        title_over_splits(summary),
        (block,),
        tuple(notes_over_splits(summary)),
        caption=caption_over_splits(summary),
        name=f"{file_name(summary.first.task.dataset)}-splits",
        remarks=tuple(remarks_over_splits(summary)),
    )


def _best(summary: SplitsSummary, column: _Column) -> str | None:
    """Return the best value of a column as it is shown; suspicious rows are not compared."""
    if not column.has_best:
        return None
    values = [column.value(row) for row in summary.rows if row.label not in summary.suspicious]
    return highest_text([value for value in values if value is not None], column.text)


def _cell(summary: SplitsSummary, row: RowOverSplits, column: _Column, best: str | None) -> Cell:
    value = column.value(row)
    if value is None:
        return Cell(NOTHING)
    letter = summary.timing.mark(row.records) if column.is_time else ""
    return Cell(column.text(value), letter, best=column.text(value) == best and row.label not in summary.suspicious)


def _mark(summary: SplitsSummary, row: RowOverSplits) -> str:
    """Return the marks behind a row's label: external, suspicious, faults, not tuned, on a par."""
    test = summary.test_of(row)
    words = [
        *["external"] * row.external,
        *["suspicious"] * (row.label in summary.suspicious),
        *dict.fromkeys(fault.mark for each in row.rows.values() for fault in each.faults),
    ]
    return marks_text(
        words,
        is_on_par=test is not None and not test.distinguishable,
        is_untuned=any(row.label in each.untuned for each in summary.summaries.values()),
    )


def row_values(summary: SplitsSummary, views: Sequence[View]) -> list[dict[str, Any]]:
    """Return the values of each row by column, unrounded; None where a row has none."""
    columns = _columns(summary, views)
    return [
        {
            "recommender": row.label,
            **{column.key: column.value(row) for column in columns},
            **timing_values(summary.timing, row.records),
            "n_splits": len(row.values(summary.first.primary)),
            "suspicious": row.label in summary.suspicious,
            **_test_values(summary, row),
        }
        for row in summary.rows
    ]


def _test_values(summary: SplitsSummary, row: RowOverSplits) -> dict[str, Any]:
    """Return a row's test against the reference, under the names of the table of one split; JSON has all pairs."""
    test = summary.test_of(row)
    if test is None:
        return dict.fromkeys(("compared_with", "distinguishable", "p_holm", *COMPARISON))
    return {
        "compared_with": test.theirs,
        "distinguishable": test.distinguishable,
        "p_holm": finite(test.p_holm),
        **comparison_values(test.comparison),
    }


def _document(summary: SplitsSummary, views: Sequence[View]) -> dict[str, Any]:
    """Return the values with title and notes, in JSON's types."""
    sheet = make_sheet(summary, views)
    return {
        "schema": 1,
        "title": sheet.title,
        "splits": {name: {"task": each.task.digest} for name, each in summary.summaries.items()},
        "rows": row_values(summary, views),
        "tests": tests_document(summary.significance),
        "agreements": [
            {"splits": list(each.splits), "kendall_tau": finite(each.kendall_tau)} for each in summary.agreements
        ],
        **timing_document(summary.timing),
        "notes": sheet.notes_document,
    }

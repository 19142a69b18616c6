"""The table over datasets, in the formats of the table of one dataset and, with a line for each figure, as long CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.names import LONG_CSV, check_known, study_formats
from bench.studies.comparison import LOST
from bench.studies.ranking import DIGITS
from bench.studies.resampling import span_text
from bench.tables.settings import with_heads
from bench.tables.study_notes import study_notes
from bench.tables.study_remarks import study_remarks
from bench.tables.study_values import long_values, study_document, wide_values
from bench.writing.csv import csv_text
from bench.writing.formats import Writable, write
from bench.writing.sheet import MARK, Block, Cell, Line, Sheet
from bench.writing.text import NOTHING, accuracy_text, count_text, unicode_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bench.names import Format
    from bench.studies.columns import Column
    from bench.studies.comparison import StudyComparison, StudyRow

SUSPICIOUS = "!"
"""Behind the figure of a row that is likely to know the held-out items of the dataset."""

LONGEST_NAME = 24
"""Letters of a dataset's name above its column; a longer one is cut in the middle, with its number before it."""

_OVER_DATASETS = (
    ("mean", "rank"),
    ("95 %", "over users"),
    ("95 %", "over datasets"),
    ("win", "rate"),
    ("relative", "score"),
)


def render(
    found: StudyComparison,
    form: Format = "terminal",
    *,
    styled: bool = False,
    width: int | None = None,
    brief: bool = False,
) -> str:
    """Return the table over datasets as text, ending in a newline.

    Parameters
    ----------
    form
        One of `bench.names.study_formats`. ``csv`` has a line for each recommender, ``csv-long`` one for each
        recommender and dataset; both and ``json`` hold all values, unrounded.
    styled, width, brief
        Of a terminal, as of the table of one dataset. A narrow one shows the datasets in several blocks.

    Raises
    ------
    ProtocolError
        If the format is unknown.
    """
    check_known("table format", form, study_formats())
    if form == LONG_CSV:
        return csv_text(long_values(found))
    sheet = make_sheet(found)
    what = Writable(lambda: sheet, lambda: wide_values(found), lambda: study_document(found, sheet))
    return write(what, form, styled=styled, width=width, brief=brief)


def to_frame(found: StudyComparison, *, is_long: bool = False) -> pd.DataFrame:
    """Return the values of the table over datasets, unrounded.

    The index is the recommender or, in the long form, recommender and dataset. ``attrs`` hold ``title``, ``notes`` and
    ``tasks``, the digest of each dataset's task.
    """
    import pandas as pd

    sheet = make_sheet(found)
    values, index = (long_values(found), ["recommender", "dataset"]) if is_long else (wide_values(found), "recommender")
    frame = pd.DataFrame(unicode_values(values)).set_index(index)
    frame.attrs = {
        "title": sheet.title,
        "notes": sheet.notes_by_keyword,
        "tasks": {column.name: column.task.digest for column in found.columns},
    }
    return frame


def make_sheet(found: StudyComparison) -> Sheet:
    """Return the table over datasets as a sheet."""
    names = [*(column.name for column in found.columns), *found.lost]
    rows = {row.label: row for row in found.rows}
    n_datasets = count_text(len(found.columns), "dataset")
    block = Block(
        headers=(("recommender", ""), *((name, "") for name in _short(names)), *_OVER_DATASETS),
        lines=with_heads(
            [
                Line(
                    label,
                    (
                        *(_figure_cell(found, column, label) for column in found.columns),
                        *(Cell(LOST) for _ in found.lost),
                        *_cells_over_datasets(found, rows.get(label)),
                    ),
                )
                for label in found.labels
            ],
            found.settings,
        ),
        groups=("", *(found.figure.name for _ in names), *(f"over {n_datasets}" for _ in _OVER_DATASETS)),
        continues=True,
    )
    return Sheet(
        title=title_of(found),
        blocks=(block,),
        notes=tuple(study_notes(found)),
        caption=caption_of(found),
        name="study",
        remarks=tuple(study_remarks(found)),
    )


def _short(names: Sequence[str]) -> list[str]:
    """Return names that are short enough for a column; the notes have them in full."""
    return [
        name if len(name) <= LONGEST_NAME else f"{number}: {name[:8]}\N{HORIZONTAL ELLIPSIS}{name[-12:]}"
        for number, name in enumerate(names, start=1)
    ]


def title_of(found: StudyComparison) -> str:
    """Return the title: how many recommenders and datasets, and by which figure."""
    recommenders = count_text(len(found.labels), "recommender")
    return f"{recommenders} on {count_text(len(found.columns), 'dataset')}, by {found.figure.name}"


def caption_of(found: StudyComparison) -> str:
    """Return what the marks and bold figures mean, for the caption in a paper and for the page."""
    parts = ["Bold: the best of a column.", f"{MARK}: not distinguishable from the best of the dataset."]
    if found.baseline is not None:
        parts[1] = f"{MARK}: not distinguishable from the baseline, {found.baseline}, on the dataset."
    if found.tests is not None:
        parts.append(f"{MARK} behind a mean rank: not distinguishable from the best one by Nemenyi's test at 5 %.")
    return " ".join(parts)


def _figure_cell(found: StudyComparison, column: Column, label: str) -> Cell:
    row = next((row for row in found.rows if row.label == label), None)
    score = row.scores.get(column.name) if row else None
    if score is None:
        return Cell(found.missing_text(label, column.name))
    marks = MARK * score.is_marked + SUSPICIOUS * score.is_suspicious
    return Cell(accuracy_text(score.mean), marks, best=score.is_best)


def _cells_over_datasets(found: StudyComparison, row: StudyRow | None) -> tuple[Cell, ...]:
    if row is None:
        return tuple(Cell(NOTHING) for _ in _OVER_DATASETS)
    is_marked = found.tests is not None and found.tests.is_marked(row.label)
    return (
        Cell(f"{row.mean_rank:.2f}", MARK * is_marked, best=round(row.mean_rank, DIGITS) == found.best_rank),
        Cell(span_text(row.over_users)),
        Cell(span_text(row.over_datasets)),
        Cell(_share_text(row.win_rate)),
        Cell(_share_text(row.relative)),
    )


def _share_text(share: float | None) -> str:
    return NOTHING if share is None else accuracy_text(share, 3)

"""The table of what recommenders will need: memory and time beside what is free, and from what they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.machine.memory import size_text
from bench.studies.planning import duration_text
from bench.tables.cautions import some
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Remark, Sheet
from bench.writing.text import NOTHING, count_text, unicode_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from bench.names import Format
    from bench.running.foresight.estimates import Estimate
    from bench.running.foresight.need import Bound

_SIGNS: dict[Bound, str] = {"about": "", "at least": "≥ ", "at most": "≤ "}

_FITS = {True: "yes", False: "NO", None: "unknown"}


def to_frame(rows: Sequence[Estimate]) -> pd.DataFrame:
    """Return one row for each estimate.

    The columns are ``dataset``, ``recommender``, ``bytes`` and how they are to be read (``bound``: about, at least or
    at most), ``seconds`` and ``time_bound``, ``source``, ``free_bytes``, ``limit_bytes``, ``fits`` (None where that is
    not known) and ``problem``.
    """
    import pandas as pd

    return pd.DataFrame(unicode_values(_values(rows)))


def render(
    rows: Sequence[Estimate],
    form: Format = "terminal",
    *,
    styled: bool = False,
    width: int | None = None,
    brief: bool = False,
) -> str:
    """Return the table as text, ending in a newline; the parameters are those of `bench.actions.shown.Shown.render`."""
    what = Writable(sheet=lambda: _sheet(rows), values=lambda: _values(rows), document=lambda: _document(rows))
    return write(what, form, styled=styled, width=width, brief=brief)


def _values(rows: Sequence[Estimate]) -> list[dict[str, Any]]:
    return [
        {
            "dataset": row.dataset,
            "recommender": row.recommender,
            "bytes": row.need.n_bytes,
            "bound": row.need.bound,
            "seconds": row.seconds,
            "time_bound": row.time_bound,
            "source": row.need.source,
            "free_bytes": row.free,
            "limit_bytes": row.limit,
            "fits": row.fits,
            "problem": row.problem,
        }
        for row in rows
    ]


def _document(rows: Sequence[Estimate]) -> dict[str, Any]:
    sheet = _sheet(rows)
    return {"schema": 1, "title": sheet.title, "rows": _values(rows), "notes": sheet.notes_document}


def _sheet(rows: Sequence[Estimate]) -> Sheet:
    several = len({row.dataset for row in rows}) > 1
    headers = (*(("dataset",) if several else ()), "memory", "free", "time", "fits", "from")
    lines = tuple(
        Line(row.recommender, tuple(Cell(text) for text in (*((row.dataset,) if several else ()), *_cells(row))))
        for row in rows
    )
    names = ", ".join(dict.fromkeys(row.dataset for row in rows))
    return Sheet(
        f"What a job will need on {names}",
        (Block(tuple((name, "") for name in ("recommender", *headers)), lines),),
        tuple(_notes(rows)),
        remarks=tuple(_remarks(rows)),
    )


def _cells(row: Estimate) -> tuple[str, ...]:
    need = row.need
    memory = NOTHING if need.n_bytes is None else f"{_SIGNS[need.bound]}{size_text(need.n_bytes)}"
    time = NOTHING if row.seconds is None else f"{_SIGNS[row.time_bound]}{duration_text(row.seconds)}"
    free = size_text(min(row.free, row.free if row.limit is None else row.limit))
    return memory, free, time, _FITS[row.fits], need.source


def _remarks(rows: Sequence[Estimate]) -> Iterator[Remark]:
    """Yield the few sentences that a terminal shows, the most important first."""
    problems = [row for row in rows if row.problem]
    if len(problems) == 1:
        yield Remark("No room", f"{problems[0].problem}.", is_warning=True)
    elif problems:
        yield Remark("No room", f"for {some(row.recommender for row in problems)}.", is_warning=True)
    if any(row.need.bound != "about" for row in rows):
        yield Remark("Bounds", _BOUNDS)
    yield Remark("Memory", "of all processes of one job, recbench's own included.")
    known = sum(row.seconds is not None for row in rows)
    yield Remark("Time", f"known from earlier records for {known} of {count_text(len(rows), 'row')}")


_BOUNDS = "≥ is what a job on less data took, ≤ what one on more data took."


def _notes(rows: Sequence[Estimate]) -> list[tuple[str, str]]:
    notes = [("Memory", "of all processes of one job, recbench's own included; the interactions are in it, too.")]
    if any(row.need.bound != "about" for row in rows):
        notes.append(("Bounds", _BOUNDS))
    notes += [
        ("Time", f"{row.recommender}: from {row.need.earlier.source}.")
        for row in rows
        if row.need.earlier and row.seconds is not None
    ]
    notes += [("No room", f"{row.problem}.") for row in rows if row.problem]
    return notes

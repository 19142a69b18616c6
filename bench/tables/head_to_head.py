"""A comparison of two rows as text, in the formats of the table, and as a data frame."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from bench.analysis.slices import FEWEST_USERS
from bench.names import file_name
from bench.records.compared import n_left_out
from bench.tables.claims import MORE_SEEDS, TOO_FEW_SEEDS, UNEQUAL_SEEDS, too_few_users
from bench.tables.comparison import comparison_values
from bench.tables.cutoffs import cutoff_notes
from bench.tables.head_to_head_remarks import remarks_head_to_head
from bench.tables.measures import other_names
from bench.tables.origins import cold_text
from bench.tables.subject import beyond_text, other_measure, rivals_of, seeds_text, subject_of
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Sheet
from bench.writing.text import NOTHING, accuracy_text, count_text, difference_text, finite, p_words, spread_text
from protocol.evaluation.metrics import METRICS, PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from bench.analysis.head_to_head import HeadToHead, Slice
    from bench.names import Format

_WINS = (6, 8)
"""The columns of A wins and B wins, of which one alone would mislead."""

_EXPENDABLE = (7, 5, *_WINS, 1)
"""Columns that a narrow terminal leaves out, in this order: ties, effect size, A wins and B wins, users."""


def render(
    found: HeadToHead,
    form: Format = "terminal",
    *,
    styled: bool = False,
    width: int | None = None,
    brief: bool = False,
) -> str:
    """Return a comparison as text, ending in a newline.

    Parameters
    ----------
    form
        As of the table; ``csv`` and ``json`` hold all values, unrounded.
    styled, width, brief
        Of a terminal, as of the table.

    Raises
    ------
    ProtocolError
        If the format is unknown.
    """
    sheet = make_sheet(found)
    what = Writable(lambda: sheet, lambda: slice_values(found), lambda: _document(found, sheet))
    return write(what, form, styled=styled, width=width, brief=brief)


def to_frame(found: HeadToHead) -> pd.DataFrame:
    """Return a comparison with unrounded values; one row per slice, all users first.

    The columns are those of the CSV format; ``attrs`` hold ``title``, ``notes`` and ``task``.
    """
    import pandas as pd

    sheet = make_sheet(found)
    frame = pd.DataFrame(slice_values(found)).set_index("slice")
    frame.attrs = {"title": sheet.title, "notes": sheet.notes_by_keyword, "task": found.task.digest}
    return frame


def slice_values(found: HeadToHead) -> list[dict[str, Any]]:
    """Return the values of each slice by column, unrounded; None for an undefined value."""
    return [_values_of(one) for one in found.slices]


def _values_of(one: Slice) -> dict[str, Any]:
    columns = {"low": "from", "high": "to", "n_users": "users", "ours": "A", "theirs": "B"}
    plain = {
        columns.get(name, name): value for name, value in asdict(one).items() if name not in ("kind", "comparison")
    }
    p_value = finite(one.comparison.p_value) if one.kind == "all" else None
    return {"slice": one.kind, **plain, **comparison_values(one.comparison), "p": p_value}


def _document(found: HeadToHead, sheet: Sheet) -> dict[str, Any]:
    return {
        "schema": 1,
        "title": sheet.title,
        "task": to_builtins(found.task),
        "A": found.ours,
        "B": found.theirs,
        "figure": found.figure,
        "slices": slice_values(found),
        "notes": sheet.notes_document,
    }


def make_sheet(found: HeadToHead) -> Sheet:
    """Return a comparison as a sheet."""
    return Sheet(
        title=_title(found),
        blocks=(
            Block(
                headers=(
                    (found.figure, ""),
                    ("users", ""),
                    ("A", ""),
                    ("B", ""),
                    ("A - B", ""),
                    ("effect", "size"),
                    ("A", "wins"),
                    ("ties", ""),
                    ("B", "wins"),
                ),
                lines=tuple(Line(one.name, _cells(one)) for one in found.slices),
                expendable=_EXPENDABLE,
                inseparable=frozenset(_WINS),
                stays_together=True,
            ),
        ),
        notes=tuple(_notes(found)),
        name=f"{file_name(found.task.dataset)}-{found.ours}-{found.theirs}",
        remarks=tuple(remarks_head_to_head(found)),
    )


def _title(found: HeadToHead) -> str:
    """Return the title: the rows, the figure, and what held-out items are ranked against."""
    rivals = f"{rivals_of(found.task, found.rivals, found.view)}{beyond_text(found.rivals.get(found.view), [found.k])}"
    other = other_measure(found.task, found.rivals, found.view)
    pair = f"{found.ours} (A) against {found.theirs} (B)"
    return f"{subject_of(found.task)}: {pair}, by {found.figure}, each held-out item against {rivals}{other}"


def _cells(one: Slice) -> tuple[Cell, ...]:
    comparison = one.comparison
    return (
        Cell(f"{one.n_users:,}"),
        Cell(accuracy_text(one.ours)),
        Cell(accuracy_text(one.theirs)),
        Cell(difference_text(comparison.difference), spread_text(comparison.high - comparison.difference)),
        Cell(NOTHING if finite(comparison.effect_size) is None else difference_text(comparison.effect_size, 2)),
        *(Cell(f"{number:,}") for number in (one.wins, one.ties, one.losses)),
    )


def _notes(found: HeadToHead) -> Iterator[tuple[str, str]]:
    """Yield what a reader must know to judge the comparison."""
    comparison = found.slices[0].comparison
    if found.metric != PRIMARY:
        yield "Metric", f"{METRICS[found.metric].explanation} {other_names()}"
    yield (
        "Test",
        f"over all users, {_test_words(comparison.p_value, found.slices[0].n_users)} by a paired t-test on per-user "
        "values. This p is valid for one pair that was named beforehand; a pair picked from a table needs the table's "
        "correction.",
    )
    yield "Claim", _claim(found)
    yield "Seeds", " ".join(_seeds(found))
    if n_left_out(found.task, found.view):
        yield "Left out", f"{cold_text(found.task)}: they are a slice of --view full."
    in_view = {view: rivals for view, rivals in found.rivals.items() if view == found.view}
    yield from cutoff_notes(in_view, (found.metric,), (found.k,))
    yield (
        "Interval",
        "± is half of the 95 % interval over users (and over seeds, if the claim is about the algorithms). Effect size "
        "is Cohen's d_z: A - B in units of its standard deviation over users. A wins, ties and B wins count users.",
    )
    yield (
        "Slices",
        "quarters of the users by training interactions of the user (activity) and of the held-out item (popularity); "
        "cold items have no training interactions. Slices are explored, not tested: of 20 such intervals, about one "
        f"excludes 0 by chance. Slices of fewer than {FEWEST_USERS} users have no interval.",
    )
    if found.timing:
        yield "Timing", f"no times are compared here. In a table, {found.timing}"
    yield "Task", found.task.digest


def _seeds(found: HeadToHead) -> Iterator[str]:
    """Say over which training seeds the means of A and B are, and where a table has more."""
    for name, seeds, all_seeds in zip("AB", found.seeds, found.all_seeds, strict=True):
        yield f"{name}: training {seeds_text(seeds)}" + (
            "." if seeds == all_seeds else f", of the {len(all_seeds)} that its mean in a table is over."
        )
    if found.seeds != found.all_seeds:
        yield UNEQUAL_SEEDS


def _claim(found: HeadToHead) -> str:
    everyone = found.slices[0]
    if finite(everyone.comparison.p_value) is None:
        return f"none: {too_few_users(everyone.n_users)}."
    n_seeds = max(map(len, found.seeds))
    if found.too_few_seeds:
        averaged = ", averaged over their seeds" if n_seeds > 1 else ""
        names = " and ".join(found.too_few_seeds)
        return f"about these trained models only{averaged}. {TOO_FEW_SEEDS}: {names}. {MORE_SEEDS}."
    if n_seeds == 1:
        return "about the algorithms: both are deterministic."
    return f"about the algorithms: it includes the variation between trainings, over {count_text(n_seeds, 'seed')}."


def _test_words(p_value: float, n_users: int) -> str:
    known = finite(p_value)
    return f"p is undefined ({too_few_users(n_users)})" if known is None else p_words(known)

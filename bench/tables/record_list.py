"""Records as a list: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.names import CUTOFF, value_name
from bench.tables.subject import subject_of
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Sheet
from bench.writing.text import NOTHING, accuracy_text, amount_text, count_text, unicode_values
from protocol.evaluation.metrics import default_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from bench.analysis.shown_record import ShownRecord
    from bench.names import Format

_EXPENDABLE = (8, 6, 5, 4, 2)
"""Columns that a narrow terminal leaves out, in this order: record, peak, score, fit, hit rate."""


def to_frame(shown: Sequence[ShownRecord]) -> pd.DataFrame:
    """Return one row for each record, unrounded."""
    import pandas as pd

    return pd.DataFrame(unicode_values(one.values() for one in shown))


def render(
    shown: Sequence[ShownRecord], form: Format, *, styled: bool, width: int | None, is_whole: bool = False
) -> str:
    """Return records as text, ending in a newline.

    Parameters
    ----------
    is_whole
        Whether JSON has all that is stored of each record, and not a line's figures alone.
    """

    def document() -> dict[str, Any]:
        records = [one.document() if is_whole else one.values() for one in shown]
        return {"schema": 1, "title": _title(shown), "records": records}

    values = [one.values() for one in shown]
    return write(Writable(lambda: _sheet(shown), lambda: values, document), form, styled=styled, width=width)


def _title(shown: Sequence[ShownRecord]) -> str:
    n_failed = sum(one.record.failed for one in shown)
    failed = f", {n_failed:,} of a failure" if n_failed else ""
    return f"{subject_of(shown[0].record.task)}: {count_text(len(shown), 'record')}{failed}"


def _sheet(shown: Sequence[ShownRecord]) -> Sheet:
    view = shown[0].views[0]
    headers = (
        *(("recommender", ""), ("seed", "")),
        *((value_name(view, metric, CUTOFF), "") for metric in default_metrics()),
        *(("fit", "s"), ("score", "µs/user"), ("peak", "MiB"), ("outcome", ""), ("record", "")),
    )
    lines = tuple(Line(one.label, tuple(map(Cell, _cells(one)))) for one in shown)
    return Sheet(_title(shown), (Block(headers, lines, _EXPENDABLE),), tuple(_notes(shown)), name="records")


def _cells(one: ShownRecord) -> Iterator[str]:
    record, means = one.record, one.accuracy.get(one.views[0], {})
    yield str(record.seed)
    for metric in default_metrics():
        yield accuracy_text(means[metric].mean) if metric in means else NOTHING
    yield amount_text(record.time.fit_seconds)
    yield amount_text(record.time.score_us_per_user)
    yield amount_text(one.peak_mib)
    yield record.failure.kind if record.failure else "ok"
    yield one.place.name


def _notes(shown: Sequence[ShownRecord]) -> Iterator[tuple[str, str]]:
    yield "Rows", "`recbench show RESULTS ROW` shows all that the records of one row hold; --seed names one of them."
    for one in shown:
        if one.record.failure:
            yield "Failed", f"{one.label}, seed {one.record.seed}: {one.record.failure.message}"

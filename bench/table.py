"""The comparison table: a pure function of records, in six formats.

Accuracy is shown as ``.6670 ±.031``. The best of each accuracy column is bold where the format can; rows that agree in
all four digits shown are all best, because a reader cannot tell them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from bench.summary import FULL, Row, Summary, summarise
from protocol.errors import ProtocolError
from protocol.split import MIN_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from bench.store import Record
    from protocol.statistics import Interval

Format: TypeAlias = Literal["terminal", "github", "latex", "csv", "json", "html-fragment"]

STAND_IN_NOTE = "no dataset was named and ml-100k could not be had"
"""A note of the dataset, and part of the table's title, where synthetic data stand in for the default dataset."""

NOTHING = "-"

_FAILURES = {"raised": "raised", "timeout": "timed out", "died": "died", "scores": "bad scores", "memory": "no memory"}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and whether it is the best of its column; ``spread`` follows the figure, never bold."""

    text: str
    spread: str = ""
    best: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table in words, before any format.

    Parameters
    ----------
    headers
        Of each column: a name, and a unit or ``""``.
    rows
        Each a label and its cells, in the order of the headers.
    notes
        What stands below: a keyword and a sentence or two.
    """

    title: str
    headers: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    notes: tuple[tuple[str, str], ...] = field(default=())


def render(
    records: Iterable[Record], form: Format = "terminal", ks: Sequence[int] = (10,), *, styled: bool = False
) -> str:
    """Return the table of records as text, ending in a newline.

    Parameters
    ----------
    form
        ``csv`` and ``json`` carry every figure, unrounded, with the bounds of the intervals.
    ks
        Cut-offs of hit rate and NDCG; the first one sorts the rows.
    styled
        Whether a terminal's bold type is wanted.

    Raises
    ------
    ProtocolError
        If there are no records, they are of different tasks, or the format is unknown.
    """
    from bench import writers

    if form not in get_args(Format):
        raise ProtocolError(f"unknown table format {form!r}; there are {', '.join(get_args(Format))}")
    summary = summarise(records, ks)
    if form == "csv":
        return writers.csv_text(figures(summary))
    sheet = make_sheet(summary)
    if form == "json":
        return writers.json_text(sheet, summary, figures(summary))
    if form == "terminal":
        return writers.terminal_text(sheet, styled=styled)
    write = {"github": writers.github_text, "latex": writers.latex_text, "html-fragment": writers.html_text}[form]
    return write(sheet)


def to_frame(records: Iterable[Record], ks: Sequence[int] = (10,), *, every_figure: bool = False) -> pd.DataFrame:
    """Return the table with unrounded figures; one row per recommender, which is the index.

    The frame's ``attrs`` hold what stands above and below the table: ``title``, ``notes``, ``dataset`` and ``task``,
    the digest that two frames must share to be compared.

    Parameters
    ----------
    every_figure
        Whether all columns of the CSV format are wanted, such as the bounds of the intervals (``HR@10_low``,
        ``HR@10_high``, ...) and the seeds. By default the frame has the columns of the printed table, and
        ``failure`` where something failed.
    """
    import pandas as pd

    summary = summarise(records, ks)
    sheet = make_sheet(summary)
    frame = pd.DataFrame(figures(summary)).set_index("recommender")
    if not every_figure:
        failed = ["failure"] if any(row.failed for row in summary.rows) else []
        accuracy = [*_accuracy_names(summary.ks), *(f"full_NDCG@{k}" for k in summary.ks)]
        frame = frame[[*accuracy, "fit_s", "us_per_user", "peak_mib", *failed]]
    frame.attrs = {
        "title": sheet.title,
        "notes": dict(sheet.notes),
        "dataset": summary.task["dataset"],
        "task": summary.task["digest"],
    }
    return frame


def figures(summary: Summary) -> list[dict[str, Any]]:
    """Return every figure of each row, unrounded, under one set of names; None where there is none."""
    return [_row_figures(row, summary) for row in summary.rows]


def _row_figures(row: Row, summary: Summary) -> dict[str, Any]:
    names = [*_accuracy_names(summary.ks), *(FULL + name for name in _accuracy_names(summary.ks))]
    means: dict[str, float | None] = {}
    bounds: dict[str, float | None] = {}
    for name in names:
        interval, column = row.accuracy.get(name), name.replace(" ", "_")
        means[column] = interval.mean if interval else None
        bounds[f"{column}_low"] = _finite(interval.low) if interval else None
        bounds[f"{column}_high"] = _finite(interval.high) if interval else None
    return {
        "recommender": row.label,
        **means,
        "fit_s": row.fit_seconds,
        "us_per_user": row.score_us_per_user,
        "peak_mib": row.peak_mib,
        "seeds": " ".join(map(str, row.seeds)),
        **bounds,
        "selection_s": row.selection_seconds,
        "best_epochs": " ".join(map(str, row.best_epochs)) or None,
        "failure": f"{row.failure_kind}: {row.failure}" if row.failed else None,
        "dataset": summary.task["dataset"],
        "task": summary.task["digest"],
    }


def _finite(value: float) -> float | None:
    """Return the value, or None for the bound of an interval over a single user."""
    return value if math.isfinite(value) else None


def _accuracy_names(ks: Sequence[int]) -> list[str]:
    return [f"{metric}@{k}" for k in ks for metric in ("HR", "NDCG")]


def make_sheet(summary: Summary) -> Sheet:
    """Return the table in words."""
    sampled, full = _accuracy_names(summary.ks), [f"{FULL}NDCG@{k}" for k in summary.ks]
    best = {name: _best(summary.rows, name) for name in (*sampled, *full)}
    return Sheet(
        title=_title(summary),
        headers=(
            ("recommender", ""),
            *((name, "") for name in sampled),
            *(("full", name.removeprefix(FULL)) for name in full),
            ("fit", "s"),
            ("score", "µs/user"),
            ("peak", "MiB"),
        ),
        rows=tuple((row.label, _cells(row, sampled, full, best)) for row in summary.rows),
        notes=tuple(_notes(summary)),
    )


def _best(rows: Sequence[Row], name: str) -> str | None:
    """Return the best figure of a column as it is shown; None where there is nothing to compare."""
    means = [row.accuracy[name].mean for row in rows if name in row.accuracy]
    return accuracy_text(max(means)) if len(means) > 1 else None


def _cells(row: Row, sampled: Sequence[str], full: Sequence[str], best: Mapping[str, str | None]) -> tuple[Cell, ...]:
    if row.failed:
        kind = _FAILURES.get(str(row.failure_kind), str(row.failure_kind))
        return Cell(kind), *(Cell(NOTHING) for _ in range(len(sampled) + len(full) + 2))
    return (
        *(_accuracy_cell(row.accuracy.get(name), best[name], spread=True) for name in sampled),
        *(_accuracy_cell(row.accuracy.get(name), best[name], spread=False) for name in full),
        *(Cell(amount_text(value)) for value in (row.fit_seconds, row.score_us_per_user, row.peak_mib)),
    )


def _accuracy_cell(interval: Interval | None, best: str | None, *, spread: bool) -> Cell:
    if interval is None:
        return Cell(NOTHING)
    text = accuracy_text(interval.mean)
    half_width = f"±{accuracy_text(interval.half_width, 3)}" if math.isfinite(interval.half_width) else ""
    return Cell(text, half_width if spread else "", best=text == best)


def accuracy_text(value: float, digits: int = 4) -> str:
    """Return a figure between 0 and 1 without its leading zero: .6670; 1 is 1.0000."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("0")


def amount_text(value: float | None) -> str:
    """Return seconds, microseconds or MiB in about three digits: 0.004, 0.12, 3.10, 25.3, 1,234."""
    if value is None:
        return NOTHING
    for limit, digits in ((0.0995, 3), (9.995, 2), (99.95, 1)):
        if value < limit:
            return f"{value:.{digits}f}"
    return f"{value:,.0f}"


def _title(summary: Summary) -> str:
    task, facts = summary.task, summary.task["facts"]
    subject = str(task["dataset"])
    if STAND_IN_NOTE in facts["notes"]:
        subject = f"SYNTHETIC DATA ({subject}), because {STAND_IN_NOTE}"
    elif subject.split(":")[0] == "synthetic":
        subject = f"SYNTHETIC DATA ({subject})"
    if task["purpose"] == "validation":
        subject = f"Validation task of {subject}"
    return f"{subject}: {_count(facts['n_evaluated'], 'user')}, one held-out item each against {_rivals(summary)}"


def _rivals(summary: Summary) -> str:
    facts, imported = summary.task["facts"], summary.task["parts"]["split"] == "imported"
    return f"{'up to ' if imported else ''}{facts['n_negatives']} {'given' if imported else 'drawn'} negatives"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _notes(summary: Summary) -> Iterable[tuple[str, str]]:
    """Yield what a reader must know to believe the table, and no more."""
    failures = [row for row in summary.rows if row.failed]
    for row in failures:
        yield "Failed", f"{row.label} ({_seeds(row.seeds)}): {row.failure}"
    if any(" #" in row.label for row in summary.rows):
        yield "Same name", "rows marked # share a name and differ in source, threads, selection or versions."
    yield (
        "Interval",
        "± is half of the 95 % interval over users. Its claim is about these trained models and other users like "
        "these; what training again would change is not in it.",
    )
    yield (
        "Ranking",
        f"HR and NDCG rank each held-out item against {_rivals(summary)}, full NDCG against every item the user never "
        "touched. Sampled figures can reverse an order (Krichene & Rendle 2020). Ties count as the mean over their "
        "orders.",
    )
    if summary.task["parts"]["split"] == "leave-last-out":
        yield (
            "Time",
            "leave-last-out trains on interactions later than other users' held-out ones: the future leaks across "
            "users (Ji et al. 2023).",
        )
    yield "Data", _data(summary)
    yield "Seeds", _all_seeds(summary)
    if summary.patiences:
        yield "Selection", _selection(summary)
    for environment in summary.environments:
        yield from _machine(environment, summary.threads)
    yield "Task", str(summary.task["digest"])


def _data(summary: Summary) -> str:
    name, facts = summary.task["dataset"], summary.task["facts"]
    size = f"{_count(facts['n_users'], 'user')}, {_count(facts['n_items'], 'item')}, "
    parts = [f"{name}, {size}{_count(facts['n_interactions'], 'interaction')}"]
    evaluated = facts["n_evaluated"]
    parts.append(
        f"{facts['n_tied_users']:,} of {evaluated:,} evaluated users ({facts['n_tied_users'] / evaluated:.1%}) have "
        "several items at their latest time, put in order by a keyed hash"
    )
    parts.append(f"{_count(facts['n_duplicates'], 'repeated pair')} collapsed")
    parts.append(
        f"{_count(facts['n_short_users'], 'user')} with fewer than {MIN_ITEMS} items left out of the evaluation"
    )
    if facts["n_dropped_users"]:
        parts.append(f"{_count(facts['n_dropped_users'], 'user')} dropped for too few untouched items")
    if summary.n_fewer_rivals:
        parts.append(f"{_count(summary.n_fewer_rivals, 'user')} ranked against fewer negatives, all there are")
    parts.append(f"{_count(facts['n_cold_heldout'], 'held-out item')} never seen in training")
    parts.extend(facts["notes"])
    return "; ".join(parts) + "."


def _seeds(seeds: Sequence[int]) -> str:
    return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"


def _all_seeds(summary: Summary) -> str:
    """Say which seeds the figures rest on, and which rows rest on fewer."""
    parts = [f"protocol seed {summary.task['parts']['protocol_seed']}; training {_seeds(summary.seeds)}"]
    if len(summary.seeds) > 1:
        fitted = [row for row in summary.rows if not row.failed and row.seeds != summary.seeds]
        once = [row.label for row in fitted if row.recommender["deterministic"]]
        if once:
            parts.append(f"deterministic, so run once: {', '.join(once)}")
        parts.extend(f"{row.label}: {_seeds(row.seeds)} only" for row in fitted if not row.recommender["deterministic"])
    return "; ".join(parts) + "."


def _selection(summary: Summary) -> str:
    patience = ", ".join(map(str, summary.patiences))
    chosen = [f"{row.label} {', '.join(map(str, row.best_epochs))}" for row in summary.rows if row.best_epochs]
    return (
        f"epochs chosen on the validation task (patience {patience}), then refitted: {'; '.join(chosen)}. "
        "Fit seconds are the refit's alone."
    )


def _machine(environment: Mapping[str, Any], threads: Sequence[int]) -> Iterable[tuple[str, str]]:
    jobs = " or ".join(_count(number, "thread") for number in threads)
    yield "Machine", f"{environment['cpu']}; {jobs} a job."
    yield "Versions", ", ".join(f"{name} {number}" for name, number in environment["versions"].items()) + "."

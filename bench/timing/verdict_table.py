"""The verdicts as a table, in every table format."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from bench.timing.gate import N_REPEATS, SUSPICIOUS
from bench.timing.verdicts import FAILURES, STANDARD_ERRORS, TOLERANCE, BenchmarkRow, Verdict
from bench.writing.formats import Writable, write
from bench.writing.sheet import Block, Cell, Line, Sheet
from bench.writing.text import NOTHING, count_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.names import Format
    from bench.timing.timings import Timing

ALARMS: tuple[Verdict, ...] = (*FAILURES, "unclear")

_EXPENDABLE = (3, 4, 2)
"""Columns that a narrow terminal leaves out, in this order: now, baseline, ms."""

_COMPARED = ("cpu", "blas", "system")
"""Parts of the environment, beside versions, on which a time in units of a reference still depends."""


def render(
    rows: Sequence[BenchmarkRow],
    now: Mapping[str, Any],
    baseline: Mapping[str, Any],
    form: Format = "terminal",
    *,
    styled: bool = False,
    width: int | None = None,
) -> str:
    """Return the table of verdicts as text, ending in a newline.

    Parameters
    ----------
    now, baseline
        The environments of the two measurements.
    form
        ``csv`` and ``json`` hold every number, unrounded.
    styled, width
        For a terminal (see `bench.tables.results.render`).
    """
    sheet = make_sheet(rows, now, baseline)
    values = [_figures(row) for row in rows]
    document = {"schema": 1, "title": sheet.title, "benchmarks": values, "notes": sheet.notes_document}
    return write(Writable(lambda: sheet, lambda: values, lambda: document), form, styled=styled, width=width)


def make_sheet(rows: Sequence[BenchmarkRow], now: Mapping[str, Any], baseline: Mapping[str, Any]) -> Sheet:
    """Return the table before it is written in a format."""
    headers = tuple((name, "") for name in ("benchmark", "case", "ms", "now", "baseline", "ratio", "verdict"))
    labels = _labels([row.name for row in rows])
    lines = tuple(Line(label, (Cell(case), *_cells(row))) for (label, case), row in zip(labels, rows, strict=True))
    counts = Counter(row.verdict for row in rows)
    found = [f"{counts[verdict]} {verdict}" for verdict in get_args(Verdict) if counts[verdict]]
    title = f"timing of {count_text(len(rows), 'benchmark')}: {', '.join(found)}"
    return Sheet(title, (Block(headers, lines, _EXPENDABLE),), tuple(_notes(counts, now, baseline)), name="timing")


def _labels(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return a label and a case for each name: ``tests/test_a.py::test_fit[als-10]`` -> ``fit``, ``als-10``.

    If two names become equal like this, the label is the whole path before the case.
    """
    parts = [name.partition("[") for name in names]
    cases = [parameters.removesuffix("]") for _, _, parameters in parts]
    places = [place for place, _, _ in parts]
    functions = [place.rpartition("::")[2].removeprefix("test_") for place in places]
    short = list(zip(functions, cases, strict=True))
    return short if len(set(short)) == len(short) else list(zip(places, cases, strict=True))


def _cells(row: BenchmarkRow) -> tuple[Cell, ...]:
    ratio = NOTHING if row.ratio is None else f"{row.ratio:.2f}"
    noise = "" if row.noise is None else f"±{row.noise:.2f}"
    return (
        Cell(NOTHING if row.now is None else _figure(1000 * row.now.seconds)),
        Cell(_centre(row.now)),
        Cell(_centre(row.baseline)),
        Cell(ratio, noise),
        Cell(row.verdict, best=row.verdict in ALARMS),
    )


def _centre(timing: Timing | None) -> str:
    return NOTHING if timing is None else _figure(timing.centre)


def _figure(value: float) -> str:
    """Return three significant digits."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _figures(row: BenchmarkRow) -> dict[str, Any]:
    """Return every number of a benchmark; None for those not measured."""
    return {
        "benchmark": row.name,
        "seconds": row.now and row.now.seconds,
        "now": row.now and row.now.centre,
        "baseline": row.baseline and row.baseline.centre,
        "ratio": row.ratio,
        "noise": row.noise,
        "sessions": len(row.now.medians) if row.now else 0,
        "verdict": row.verdict,
    }


def _notes(counts: Counter[Verdict], now: Mapping[str, Any], baseline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield (
        "Unit",
        "now and baseline are in units of a reference workload that ran right before and after each round; ± is the "
        f"noise: {STANDARD_ERRORS} standard errors, from rounds and sessions.",
    )
    yield (
        "Verdict",
        f"slower means slower by more than {TOLERANCE:.0%} and by more than the noise, in the median over sessions. "
        f"A benchmark with a ratio above {SUSPICIOUS:.2f} in the first session runs in {N_REPEATS} more.",
    )
    if counts["unclear"]:
        yield (
            "Unclear",
            f"slower by more than {TOLERANCE:.0%}, but not by more than the noise: measure again on a quiet machine.",
        )
    if counts["missing"]:
        yield (
            "Missing",
            "the baseline has this benchmark, but it was not measured now; this is a failure. If the benchmark was "
            "removed on purpose, renew the baseline with --save.",
        )
    if counts["faster"] or counts["new"]:
        yield "Baseline", "to keep the new benchmarks and the faster times, renew it with --save."
    differences = [*_differences(now, baseline)]
    if differences:
        yield (
            "Machine",
            f"not the baseline's: {'; '.join(differences)}. Ratios between machines are rough: renew the baseline here "
            "before you trust a small one.",
        )


def _differences(now: Mapping[str, Any], baseline: Mapping[str, Any]) -> Iterator[str]:
    here, there = _facts(now), _facts(baseline)
    for name in dict.fromkeys((*here, *there)):
        if here.get(name) != there.get(name):
            yield f"{name} {here.get(name)} (baseline: {there.get(name)})"


def _facts(environment: Mapping[str, Any]) -> dict[str, Any]:
    versions = {name: version for name, version in environment["versions"].items() if name != "recbench"}
    return {name: environment.get(name) for name in _COMPARED} | versions

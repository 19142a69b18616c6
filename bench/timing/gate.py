"""Measure a benchmark that seems slower again, before it is judged slower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.timing.timings import Measured, joined
from bench.timing.verdicts import BenchmarkRow, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

N_REPEATS = 2

SUSPICIOUS = 1.10
"""A benchmark with a larger ratio is measured again. This is half of the tolerance, so that one lucky session does not
hide a slow-down of a third."""


def judge_patiently(
    now: Measured,
    baseline: Measured,
    measure_again: Callable[[Sequence[str]], Measured],
    n_repeats: int = N_REPEATS,
) -> list[BenchmarkRow]:
    """Return the rows of `judge`, after benchmarks that seem slower were measured in ``n_repeats`` more sessions.

    The median over all sessions counts, so one session that the machine disturbed, or sped up, is outvoted.

    Parameters
    ----------
    measure_again
        Measures the benchmarks of these names in one more session.
    """
    rows = judge(now, baseline)
    suspects = [row.name for row in rows if row.ratio is not None and row.ratio > SUSPICIOUS]
    if not suspects or not n_repeats:
        return rows
    return judge(joined((now, *(measure_again(suspects) for _ in range(n_repeats)))), baseline)

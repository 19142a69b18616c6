"""Suspicion is not a verdict: what seems slower is measured again before it is called so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.timing.timings import Measured, joined
from bench.timing.verdicts import Row, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

N_REPEATS = 2

SUSPICIOUS = 1.10
"""A ratio above it is measured again: half of what is tolerated, so that one lucky session does not acquit a third."""


def judge_patiently(
    now: Measured,
    baseline: Measured,
    measure_again: Callable[[Sequence[str]], Measured],
    n_repeats: int = N_REPEATS,
) -> list[Row]:
    """Return the rows of `judge`, with what seems slower measured ``n_repeats`` times more, whatever the next one says.

    The median over all its sessions counts, so a session that the machine disturbed, or sped up, is outvoted.

    Parameters
    ----------
    measure_again
        Measures the benchmarks of some names in a session of their own.
    """
    rows = judge(now, baseline)
    suspects = [row.name for row in rows if row.ratio is not None and row.ratio > SUSPICIOUS]
    if not suspects or not n_repeats:
        return rows
    return judge(joined((now, *(measure_again(suspects) for _ in range(n_repeats)))), baseline)

"""Suspicion is not a verdict: what seems slower is measured again before it is called so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.timing.timings import Measured, joined
from bench.timing.verdicts import Row, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_REPEATS = 2


def judge_patiently(
    now: Measured,
    baseline: Measured,
    measure_again: Callable[[Sequence[str]], Measured],
    n_repeats: int = MOST_REPEATS,
) -> list[Row]:
    """Return the rows of `judge`, with what seems slower measured up to ``n_repeats`` times more.

    The median over all its sessions counts, so a session that the machine disturbed is outvoted.

    Parameters
    ----------
    measure_again
        Measures the benchmarks of some names in a session of their own.
    """
    rows = judge(now, baseline)
    for _ in range(n_repeats):
        suspects = [row.name for row in rows if row.verdict in ("slower", "unclear")]
        if not suspects:
            break
        now = joined((now, measure_again(suspects)))
        rows = judge(now, baseline)
    return rows

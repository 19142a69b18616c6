"""How well two orders of the same rows agree."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def kendall_tau(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Kendall's tau-b of two values of each row: 1 for the same order, -1 for the reverse one.

    1, 2, 3 and 1, 3, 2 -> two of three pairs have the same order, so (2 - 1) / 3. It is NaN where all values of one are
    equal. SciPy's own is in ``scipy.stats``, which takes longer to import than all else that makes a table.

    Parameters
    ----------
    first, second
        ``(n_rows,)``; their pairs are looked at one by one, which suits tables.
    """
    pairs = np.triu_indices(len(first), 1)
    signs, others = (np.sign(np.subtract.outer(values, values))[pairs] for values in map(np.asarray, (first, second)))
    untied, others_untied = np.count_nonzero(signs), np.count_nonzero(others)
    if not untied or not others_untied:
        return math.nan
    tau = float(signs @ others) / math.sqrt(untied) / math.sqrt(others_untied)
    return min(1.0, max(-1.0, tau))

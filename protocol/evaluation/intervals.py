"""Confidence intervals of means over users (P17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True)
class Interval:
    """A mean and its two-sided confidence interval, ``mean - half_width .. mean + half_width``."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half_width


def mean_interval(values: npt.NDArray[np.float64], confidence: float = 0.95) -> Interval:
    """Return the mean of per-user values and Student's interval ``t(n - 1) * s / sqrt(n)`` around it.

    It is about these trained models, for other users like these; it says nothing about training again.

    Parameters
    ----------
    values
        float64, ``(n_eval,)``, one per user (averaged over training seeds where there are several). A single value
        has no interval: the half-width is then NaN.
    """
    from scipy.special import stdtrit

    n = values.size
    mean = float(np.mean(values))
    if n < 2:
        return Interval(mean, float("nan"))
    half_width = stdtrit(n - 1, (1 + confidence) / 2) * np.std(values, ddof=1) / np.sqrt(n)
    return Interval(mean, float(half_width))

"""The values that a search may give to one hyper-parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bench.choices import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both included; whole numbers only if both ends are whole numbers.

    Parameters
    ----------
    log
        Whether to search the logarithm.
    """

    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether the range holds whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def suggestible(self, value: Any) -> Any:
        """Return a parameter's value as the sampler names it; None if the range does not hold it."""
        return value if isinstance(value, int | float) and self.low <= value <= self.high else None

    def value(self, suggested: Any) -> Any:
        """Return a suggested number with three significant digits, which are as many as a search can tell apart.

        ``0.0123456`` -> ``0.0123``; whole numbers stay as they are.
        """
        if self.whole or suggested == 0:
            return suggested
        digits = 2 - math.floor(math.log10(abs(suggested)))
        return min(max(round(suggested, digits), self.low), self.high)


@dataclass(frozen=True)
class Categorical:
    """Single values, which have no order.

    Parameters
    ----------
    values
        By the text that ``--recommender`` takes: ``{"64-32": (64, 32)}``.
    """

    values: Mapping[str, Any]

    def suggestible(self, value: Any) -> Any:
        """Return a parameter's value as the sampler names it; None if it is not one of the values."""
        text = value_text(value)
        return text if text in self.values else None

    def value(self, suggested: Any) -> Any:
        """Return the value with a suggested text."""
        return self.values[suggested]


Dimension: TypeAlias = Range | Categorical

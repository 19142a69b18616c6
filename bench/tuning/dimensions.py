"""The values that a search may give to one hyper-parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bench.choices import value_text
from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

End: TypeAlias = Literal["low", "high"]

AUTO = "auto"
"""The value of a hyper-parameter whose number follows from the data."""

_NEAR_END = 0.05
"""The share of a range's width, on its own scale, within which a value is at an end."""

_LEAST_CHOICES = 3
"""Of fewer numbers, each is at an end."""


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both included; whole numbers only if both ends are whole numbers.

    Parameters
    ----------
    log
        Whether to search the logarithm.
    auto
        Whether the parameter takes ``"auto"``, too: a number that follows from the data. The sampler knows only
        numbers, so this is tried once, first.
    """

    low: float
    high: float
    log: bool = False
    auto: bool = field(default=False, repr=False)

    @property
    def whole(self) -> bool:
        """Whether the range holds whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def suggestions(self) -> Sequence[Any] | None:
        """All that the sampler can suggest; None where that is not countable."""
        return range(int(self.low), int(self.high) + 1) if self.whole else None

    def holds(self, suggested: Any) -> bool:
        """Return whether the sampler can suggest a value."""
        return isinstance(suggested, int if self.whole else int | float) and self.low <= suggested <= self.high

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

    def end_near(self, value: Any) -> End | None:
        """Return the end of the range at which a value is; None where it is at neither.

        Zero is never such an end: it is where most parameters stop to make sense. ``0.11`` is at the low end of 0.1 to
        10 on a logarithmic scale, of which it is 2 % of the way. ``"auto"`` is at neither end.
        """
        if value == AUTO:
            return None
        low, high, at = ((math.log(each) if self.log else each) for each in (self.low, self.high, value))
        share = (at - low) / (high - low)
        if share <= _NEAR_END and self.low != 0:
            return "low"
        return "high" if share >= 1 - _NEAR_END and self.high != 0 else None

    def __str__(self) -> str:
        return f"{value_text(self.low)} to {value_text(self.high)}" + f" or {AUTO}" * self.auto


@dataclass(frozen=True)
class Categorical:
    """Single values, which have no order.

    Parameters
    ----------
    values
        By the text that ``--recommender`` takes: ``{"64-32": (64, 32)}``.
    """

    values: Mapping[str, Any]

    @property
    def suggestions(self) -> Sequence[str]:
        """All that the sampler can suggest."""
        return list(self.values)

    def holds(self, suggested: Any) -> bool:
        """Return whether the sampler can suggest a text."""
        return suggested in self.values

    def suggestible(self, value: Any) -> Any:
        """Return a parameter's value as the sampler names it; None if it is not one of the values."""
        text = value_text(value)
        return text if text in self.values else None

    def value(self, suggested: Any) -> Any:
        """Return the value with a suggested text."""
        return self.values[suggested]

    def end_near(self, value: Any) -> End | None:
        """Return the end at which a value is, if all are numbers; None where it is at neither, and for zero."""
        values = list(self.values.values())
        is_ordered = all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
        if not is_ordered or len(values) < _LEAST_CHOICES or value == 0:
            return None
        return "low" if value == min(values) else "high" if value == max(values) else None

    def __str__(self) -> str:
        return enumerated(list(self.values))


Dimension: TypeAlias = Range | Categorical

"""Axes of numbers: where their ticks are, and with how many digits they are written.

The digits follow the distance between ticks: two where it is 0.05, none where it is 500. Where the data may change in
the page, the drawing library chooses the ticks and follows the same rule: it does so for a format that names no number
of digits.
"""

from __future__ import annotations

import math
from typing import Any

_STEPS = (1.0, 2.0, 5.0)
"""Distances between ticks, times a power of ten."""

_DECADES = range(-6, 8)
_TENS = [float(f"1e{power}") for power in _DECADES]
_FIVES = [float(f"{step:g}e{power}") for power in _DECADES for step in _STEPS]

_MOST_FOR_FIVES = 200
"""Logarithmic axes whose highest value is more than so many times the lowest have ticks at powers of ten only."""

_LEAST_LOG_SPAN = 12
"""The highest value of a logarithmic axis, in the lowest: three of 1, 2 and 5 times a power of ten are in it."""

MOST_TICKS = 5

_LOG_FORMAT = ",.6~g"

_MOST_DIGITS = 5
"""Behind the point; of steps that need more, ticks are written with a power of ten."""


def step_of(low: float, high: float, most: int = MOST_TICKS) -> float:
    """Return the least distance, 1, 2 or 5 times a power of ten, at which a span has so many ticks at most.

    Worked: from 0 to 1 with at most 5 ticks, 0.5: at 0.2 there are six.
    """
    if high <= low:
        return 1.0
    power = math.floor(math.log10((high - low) / most))
    candidates = (float(f"{step:g}e{power + more}") for more in (0, 1, 2) for step in _STEPS)
    return next(step for step in candidates if len(_multiples(low, high, step)) <= most)


def digits_of(step: float) -> int:
    """Return with how many digits behind the point multiples of a step are written: 0.05 -> 2, 0.5 -> 1, 20 -> 0."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


def number_axis(low: float, high: float, most: int = MOST_TICKS) -> dict[str, Any]:
    """Return the ticks of an axis of numbers over this span."""
    if high <= low:
        return _ticks([low], ",.4~g")
    step = step_of(low, high, most)
    digits = digits_of(step)
    return _ticks(_multiples(low, high, step), f",.{digits}f" if digits <= _MOST_DIGITS else ",.4~g")


def whole_axis(low: int, high: int, most: int = MOST_TICKS) -> dict[str, Any]:
    """Return the ticks of an axis of whole numbers, such as epochs: each is one, and none is there twice.

    The lowest is one of them where the next is not near. Worked: from 1 to 30 with 4 ticks, 1, 10, 20 and 30.
    """
    step = max(1.0, step_of(low, high, most))
    values = [int(value) for value in _multiples(low, high, step)] if high > low else [low]
    first = [low] if low + step / 2 < values[0] else []
    return _ticks([*first, *values], ",d")


def log_domain(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a logarithmic axis for data over this span: wider, and wide enough for three ticks.

    Vega searches forever for ticks on a logarithmic axis of a single value.
    """
    room = max(1.5, (_LEAST_LOG_SPAN * low / high) ** 0.5)
    return low / room, high * room


def log_axis(low: float, high: float) -> dict[str, Any]:
    """Return the ticks of a logarithmic axis over this span, both ends above 0."""
    ticks = _FIVES if high / low <= _MOST_FOR_FIVES else _TENS
    return {**_ticks([tick for tick in ticks if low <= tick <= high], _LOG_FORMAT), "labelOverlap": True}


def _ticks(values: list[Any], form: str) -> dict[str, Any]:
    """Return ticks as an axis takes them: all of them, which needs their number, and each label at its tick."""
    return {"values": values, "tickCount": len(values), "format": form, "labelFlush": False}


def live_number_axis(most: int = MOST_TICKS) -> dict[str, Any]:
    """Return the ticks of an axis of numbers whose data may change in the page."""
    return {"tickCount": most, "format": ",f", "labelOverlap": True}


def live_difference_axis(most: int = MOST_TICKS) -> dict[str, Any]:
    """Return the ticks of an axis of differences whose data may change in the page: with signs, and one 0."""
    return {
        "tickCount": most,
        "format": "+,f",
        "labelOverlap": True,
        "labelFlush": False,
        "labelExpr": "datum.value === 0 ? '0' : datum.label",
    }


def live_log_axis(low: str, high: str) -> dict[str, Any]:
    """Return the ticks of a logarithmic axis whose data may change in the page, from expressions of its ends."""
    return {
        "values": {"signal": f"({high}) / ({low}) <= {_MOST_FOR_FIVES} ? {_FIVES} : {_TENS}"},
        "tickCount": 8,
        "format": _LOG_FORMAT,
        "labelFlush": False,
        "labelOverlap": True,
    }


def tick_texts(axis: dict[str, Any]) -> list[str]:
    """Return the texts at the ticks of `number_axis` and `whole_axis`."""
    return [format(value, axis["format"].replace("~", "")) for value in axis["values"]]


def _multiples(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of a step from low to high, free of what sums of floats leave behind."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, digits_of(step)) for number in range(first, last + 1)]

"""The rule of a split, as users write it: ``last``, or ``time`` with the share of interactions before the cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from protocol.errors import ProtocolError

LAST, TIME = "last", "time"
LEAVE_LAST_OUT = "leave-last-out"
"""The name of `LAST` in the digest of a task."""

IMPORTED = "imported"
"""The name, in the digest of a task, of a split that comes with the data (P11)."""

DEFAULT_SHARE = Decimal("0.9")

MOST_DECIMALS = 12
"""The largest number of decimals of a share."""


@dataclass(frozen=True)
class SplitRule:
    """Leave-last-out (P5), or a global time split (P26).

    Parameters
    ----------
    share
        The share of interactions before the cut, between 0 and 1; None for leave-last-out.
    """

    share: Decimal | None = None

    def __str__(self) -> str:
        """Return the rule as users write it: ``last`` or ``time:0.9``."""
        return LAST if self.share is None else f"{TIME}:{f'{self.share:f}'.rstrip('0')}"

    @property
    def part(self) -> str:
        """The rule in the digest of a task (see `protocol.tasks.task.Task.parts`)."""
        return LEAVE_LAST_OUT if self.share is None else str(self)


def parse_rule(text: str) -> SplitRule:
    """Return the rule of ``last``, ``time`` or ``time:0.9``; shares are exact decimals, so that .90 is 0.9.

    Raises
    ------
    ProtocolError
        If the text is none of these, or the share is not between 0 and 1 or has more than `MOST_DECIMALS` decimals.
    """
    if text == LAST:
        return SplitRule()
    if text == TIME:
        return SplitRule(DEFAULT_SHARE)
    found = re.fullmatch(rf"{TIME}:(\d*\.?\d+)", text, re.ASCII)
    share = Decimal(found[1]) if found else Decimal(0)
    if not 0 < share < 1:
        raise ProtocolError(
            f"{text!r} is no split; write last, or time:SHARE with the share of interactions before the cut, between "
            f"0 and 1 (time is time:{DEFAULT_SHARE})"
        )
    n_decimals = len(text.partition(".")[2])
    if n_decimals > MOST_DECIMALS:
        raise ProtocolError(f"{text!r} has {n_decimals} decimals, expected {MOST_DECIMALS} at most; write fewer")
    return SplitRule(share)


def rule_of_part(part: str) -> SplitRule:
    """Return the rule of a task from the part in its digest; imported splits count as the default rule."""
    return parse_rule(part) if part.startswith(f"{TIME}:") else SplitRule()

"""The rule of a split, as users write it: ``last``, ``time:0.9``, ``time:0.9,target=last``, ``random:3``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from protocol.errors import ProtocolError

LAST, TIME, RANDOM = "last", "time", "random"
LEAVE_LAST_OUT = "leave-last-out"
"""The name of `LAST` in the digest of a task."""

IMPORTED = "imported"
"""The name, in the digest of a task, of a split that comes with the data (P11)."""

Target: TypeAlias = Literal["first", "last", "random"]
TARGETS: tuple[Target, ...] = get_args(Target)
"""Which of a user's interactions from the cut on is held out; the first one is the default."""

DEFAULT_SHARE = Decimal("0.9")

MOST_DECIMALS = 12
"""The largest number of decimals of a share."""

MOST_DIGITS = 18
"""The largest number of digits of a seed: more would not fit into the word that it keys."""

_TIME_RULE = re.compile(rf"{TIME}(?::(?P<share>\d*\.?\d+))?(?:,target=(?P<target>{'|'.join(TARGETS)}))?", re.ASCII)
_RANDOM_RULE = re.compile(rf"{RANDOM}(?::(?P<seed>\d+))?", re.ASCII)


@dataclass(frozen=True)
class SplitRule:
    """Leave-last-out (P5), a global time split (P26), or leave a random one out (P27).

    Parameters
    ----------
    share
        The share of interactions before the cut, between 0 and 1; None for the other rules.
    target
        Which of a user's interactions from the cut on is held out.
    seed
        Decides which interaction of each user is held out, where a random one is; None for the other rules.
    """

    share: Decimal | None = None
    target: Target = TARGETS[0]
    seed: int | None = None

    def __str__(self) -> str:
        """Return the rule as users write it, each in one spelling: ``last``, ``time:0.9``, ``random:3``."""
        if self.seed is not None:
            return f"{RANDOM}:{self.seed}"
        if self.share is None:
            return LAST
        target = "" if self.target == TARGETS[0] else f",target={self.target}"
        return f"{TIME}:{f'{self.share:f}'.rstrip('0')}{target}"

    @property
    def part(self) -> str:
        """The rule in the digest of a task (see `protocol.tasks.task.Task.parts`)."""
        return LEAVE_LAST_OUT if self == SplitRule() else str(self)

    @property
    def kind(self) -> str:
        """``last``, ``time`` or ``random``."""
        if self.seed is not None:
            return RANDOM
        return LAST if self.share is None else TIME


def parse_rule(text: str) -> SplitRule:
    """Return the rule of ``last``, ``time:SHARE``, ``time:SHARE,target=TARGET`` or ``random:SEED``.

    ``time`` is ``time:0.9``, and ``random`` is ``random:0``. Shares are exact decimals, so that .90 is 0.9.

    Raises
    ------
    ProtocolError
        If the text is none of these, the share is not between 0 and 1 or has more than `MOST_DECIMALS` decimals, the
        target is unknown, or the seed has more than `MOST_DIGITS` digits.
    """
    if text == LAST:
        return SplitRule()
    if found := _RANDOM_RULE.fullmatch(text):
        return SplitRule(seed=_seed(text, found["seed"]))
    found = _TIME_RULE.fullmatch(text)
    share = Decimal(found["share"] or DEFAULT_SHARE) if found else Decimal(0)
    if not found or not 0 < share < 1:
        raise ProtocolError(
            f"{text!r} is no split; write last, or time:SHARE with the share of interactions before the cut, between "
            f"0 and 1 (time is time:{DEFAULT_SHARE}), or time:SHARE,target=TARGET with {', '.join(TARGETS[:-1])} or "
            f"{TARGETS[-1]}, or random:SEED with a whole number"
        )
    n_decimals = len((found["share"] or "").partition(".")[2])
    if n_decimals > MOST_DECIMALS:
        raise ProtocolError(f"{text!r} has {n_decimals} decimals, expected {MOST_DECIMALS} at most; write fewer")
    target = next((target for target in TARGETS if target == found["target"]), TARGETS[0])
    return SplitRule(share, target)


def _seed(text: str, digits: str | None) -> int:
    """Return the seed that some digits say; 0 without any."""
    if digits is not None and len(digits) > MOST_DIGITS:
        raise ProtocolError(
            f"the seed of {text!r} has {len(digits)} digits, expected {MOST_DIGITS} at most; write fewer"
        )
    return int(digits or 0)


def rule_of_part(part: str) -> SplitRule:
    """Return the rule of a task from the part in its digest; imported splits count as the default rule."""
    return parse_rule(part) if part.startswith((f"{TIME}:", f"{RANDOM}:")) else SplitRule()

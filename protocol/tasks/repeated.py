"""Repeated splits: several splits of one dataset that belong into one table (P28)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from protocol.errors import ProtocolError
from protocol.tasks.split_rule import MOST_DIGITS, RANDOM, TIME, SplitRule

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_DECIMALS = 4
"""Shares are rounded to as many decimals, or to those of the share that was given."""


def repeated(rule: SplitRule, protocol_seed: int, n_splits: int) -> list[tuple[SplitRule, int]]:
    """Return the rule and the protocol seed of each split; the first one is the split as given.

    Worked: of ``time:0.9`` three are at .9, .675 and .45; of ``random:7`` three have the seeds 7, 8 and 9; of ``last``
    three have the next protocol seeds.

    Raises
    ------
    ProtocolError
        If there are fewer than two splits, two cuts would be at one share, or a seed would be too long.
    """
    if n_splits < 2:
        raise ProtocolError(f"{n_splits} splits are no repetition; ask for 2 or more, or leave out --repeat-splits")
    if rule.kind == TIME:
        return [(replace(rule, share=share), protocol_seed) for share in _shares(rule, n_splits)]
    if rule.seed is not None:
        return [(replace(rule, seed=seed), protocol_seed) for seed in _seeds(rule.seed, n_splits)]
    return [(rule, protocol_seed + step) for step in range(n_splits)]


def _shares(rule: SplitRule, n_splits: int) -> Sequence[Decimal]:
    """Return shares, evenly spaced from that of a rule down to half of it."""
    share = Decimal(0) if rule.share is None else rule.share
    exponent = share.normalize().as_tuple().exponent
    step = Decimal(1).scaleb(min(-LEAST_DECIMALS, int(exponent)))
    found = [(share * (2 * (n_splits - 1) - place) / (2 * (n_splits - 1))).quantize(step) for place in range(n_splits)]
    if len({*found}) < n_splits or min(found) <= 0:
        raise ProtocolError(
            f"{n_splits} cuts from a share of {share} down to half of it cannot be told apart; ask for "
            "fewer, or for a larger share"
        )
    return found


def _seeds(first: int, n_splits: int) -> range:
    """Return the seeds from the first one on."""
    if first + n_splits > 10**MOST_DIGITS:
        raise ProtocolError(
            f"the seeds {first} to {first + n_splits - 1} have more than {MOST_DIGITS} digits; begin with a smaller one"
        )
    return range(first, first + n_splits)


def differ_only_in_repetition(rules: Sequence[tuple[SplitRule, int]]) -> bool:
    """Return whether some rules, each with its protocol seed, are repetitions of one: see `repeated`."""
    kinds = {(rule.kind, rule.target) for rule, _ in rules}
    protocol_seeds = {seed for rule, seed in rules if rule.kind in (TIME, RANDOM)}
    return len(kinds) == 1 and len(protocol_seeds) <= 1


def name_of(rule: SplitRule, protocol_seed: int) -> str:
    """Return what a split is called among its repetitions: ``time:0.9``, ``random:3``, ``protocol seed 1``."""
    return str(rule) if rule.kind in (TIME, RANDOM) else f"protocol seed {protocol_seed}"

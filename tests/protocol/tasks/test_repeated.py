"""Repeated splits (P28): which they are, and which belong together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ProtocolError
from protocol.tasks.repeated import differ_only_in_repetition, name_of, repeated
from protocol.tasks.split_rule import TARGETS, SplitRule, parse_rule


@pytest.mark.parametrize(
    ("split", "n_splits", "found"),
    [
        ("last", 3, ["protocol seed 5", "protocol seed 6", "protocol seed 7"]),
        ("random:7", 3, ["random:7", "random:8", "random:9"]),
        ("time:0.9", 3, ["time:0.9", "time:0.675", "time:0.45"]),
        ("time:0.8", 2, ["time:0.8", "time:0.4"]),
        ("time:0.9,target=last", 4, [f"time:{share},target=last" for share in ("0.9", "0.75", "0.6", "0.45")]),
        ("time:0.5", 4, ["time:0.5", "time:0.4167", "time:0.3333", "time:0.25"]),
    ],
)
def test_the_first_split_is_the_one_that_was_given(split: str, n_splits: int, found: list[str]) -> None:
    """P28."""
    splits = repeated(parse_rule(split), 5, n_splits)
    assert [name_of(rule, seed) for rule, seed in splits] == found
    assert splits[0] == (parse_rule(split), 5)


rules = st.one_of(
    st.just(SplitRule()),
    st.builds(SplitRule, st.decimals("0.2", "0.99", places=2), st.sampled_from(TARGETS)),
    st.builds(lambda seed: SplitRule(seed=seed), st.integers(0, 10**17)),
)


@given(rules, st.integers(-3, 3), st.integers(2, 40))
def test_all_differ_belong_together_and_have_one_spelling(rule: SplitRule, protocol_seed: int, n_splits: int) -> None:
    """P18, P28."""
    splits = repeated(rule, protocol_seed, n_splits)
    assert len({*splits}) == len({name_of(*split) for split in splits}) == n_splits
    assert differ_only_in_repetition(splits)
    assert all(parse_rule(str(each)) == each for each, _ in splits)
    if rule.share is not None:
        shares = [each.share or Decimal(0) for each, _ in splits]
        assert shares == sorted(shares, reverse=True)
        assert abs(shares[-1] - rule.share / 2) < Decimal("0.0001")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("time:0.9", 0), ("time:0.8,target=last", 0)),
        (("time:0.9", 0), ("time:0.8", 1)),
        (("random:0", 0), ("random:1", 1)),
        (("random:0", 0), ("last", 0)),
    ],
)
def test_what_differs_in_more_does_not_belong_together(one: tuple[str, int], other: tuple[str, int]) -> None:
    assert not differ_only_in_repetition([(parse_rule(rule), seed) for rule, seed in (one, other)])


@pytest.mark.parametrize(
    ("split", "n_splits", "message"),
    [
        ("last", 1, "^1 splits are no repetition; ask for 2 or more"),
        ("time:0.0003", 5, "5 cuts from a share of 0.0003 down to half of it cannot be told apart; ask for fewer"),
        ("time:0.000000000001", 2, "cannot be told apart"),
        ("random:999999999999999998", 3, "have more than 18 digits; begin with a smaller one"),
    ],
)
def test_splits_that_cannot_be_repeated_are_refused(split: str, n_splits: int, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        repeated(parse_rule(split), 0, n_splits)

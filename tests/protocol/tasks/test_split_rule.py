"""How splits are written, and what enters the digest (P18, P26, P27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ProtocolError
from protocol.tasks.split_rule import TARGETS, SplitRule, Target, parse_rule, rule_of_part

if TYPE_CHECKING:
    from decimal import Decimal


@pytest.mark.parametrize(
    ("text", "written", "part"),
    [
        ("last", "last", "leave-last-out"),
        ("time", "time:0.9", "time:0.9"),
        ("time:0.8", "time:0.8", "time:0.8"),
        ("time:.80", "time:0.8", "time:0.8"),
        ("time:0.125", "time:0.125", "time:0.125"),
        ("time:0.8,target=first", "time:0.8", "time:0.8"),
        ("time:.80,target=last", "time:0.8,target=last", "time:0.8,target=last"),
        ("time,target=random", "time:0.9,target=random", "time:0.9,target=random"),
        ("random", "random:0", "random:0"),
        ("random:007", "random:7", "random:7"),
        ("random:999999999999999999", "random:999999999999999999", "random:999999999999999999"),
    ],
)
def test_a_rule_has_one_spelling(text: str, written: str, part: str) -> None:
    rule = parse_rule(text)
    assert (str(rule), rule.part) == (written, part)
    assert parse_rule(written) == rule_of_part(part) == rule


@given(st.decimals("0.0001", "0.9999", places=4), st.sampled_from(TARGETS))
def test_what_is_written_is_read_as_the_same(share: Decimal, target: Target) -> None:
    """P18: two records are of one split exactly where the parts of their digests are."""
    rule = SplitRule(share, target)
    assert parse_rule(str(rule)) == rule_of_part(rule.part) == rule


@given(st.integers(0, 10**18 - 1))
def test_a_seed_that_is_written_is_read_as_the_same(seed: int) -> None:
    """P18, P27."""
    rule = SplitRule(seed=seed)
    assert parse_rule(str(rule)) == rule_of_part(rule.part) == rule


@pytest.mark.parametrize(("text", "kind"), [("last", "last"), ("time:0.5,target=last", "time"), ("random:3", "random")])
def test_a_rule_is_of_one_of_three_kinds(text: str, kind: str) -> None:
    assert parse_rule(text).kind == kind


def test_a_seed_that_fits_into_no_key_is_refused() -> None:
    """P18: seeds are taken modulo 2^64, so that two longer ones could be one split under two digests."""
    with pytest.raises(ProtocolError, match=r"^the seed of 'random:1{19}' has 19 digits, expected 18 at most"):
        parse_rule(f"random:{'1' * 19}")


@pytest.mark.parametrize("text", ["time:0.123456789012", "time:0.000000000001", "time:0.999999999999"])
def test_the_longest_shares_are_not_rounded(text: str) -> None:
    assert str(parse_rule(text)) == text


@pytest.mark.parametrize(
    ("text", "n_decimals"), [("time:0.1234567890123", 13), (f"time:.{'3' * 30}", 30), (f"time:0.{'9' * 29}", 29)]
)
def test_longer_shares_are_refused(text: str, n_decimals: int) -> None:
    """P18: 30 decimals would be rounded, and two splits could have one digest."""
    with pytest.raises(ProtocolError, match=f"^'{text}' has {n_decimals} decimals, expected 12 at most; write fewer$"):
        parse_rule(text)


def test_imported_splits_go_by_the_default_rule() -> None:
    """P11: where the lists come with a split, no rule is applied."""
    assert rule_of_part("imported") == SplitRule()


@pytest.mark.parametrize(
    "text",
    [
        *("", "first", "Last", "time:", "time:0", "time:1", "time:1.5", "time:-.5", "time:9e-1", "time:x", "last:.9"),
        *("time:0.9,", "time:0.9,target", "time:0.9,target=", "time:0.9,target=Last", "time:0.9,target=all"),
        *("time:0.9,first", "time:0.9,target=last,target=last", "time:,target=last", "last,target=first"),
        *("random:", "random:-1", "random:1.5", "random:x", "random:0,target=last", "random:\u0663", "random: 1"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match=r"is no split; write last, or time:SHARE .* between 0 and 1"):
        parse_rule(text)

"""Options are read alike in Python and on the command line, and a wrong one is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.options import cutoff, read
from protocol.errors import ProtocolError


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("seeds", 3, (3,)),
        ("seeds", "3", (3,)),
        ("seeds", "0-2", (0, 1, 2)),
        ("seeds", "2, 0,1-1", (0, 1, 2)),
        ("seeds", range(3), (0, 1, 2)),
        ("seeds", [np.int64(4), 1, 1], (1, 4)),
        ("k", 10, (10,)),
        ("k", "5,10", (5, 10)),
        ("k", [20, 5, 20], (20, 5)),
        ("k", np.array([5, 10]), (5, 10)),
        ("views", "full", ("full",)),
        ("views", "full,sampled", ("full", "sampled")),
        ("views", ["expected"], ("expected",)),
        ("memory", "4GiB", 4 * 2**30),
        ("memory", 5000, 5000),
        ("memory", None, None),
        ("threads", None, None),
        ("threads", np.int32(2), 2),
        ("full_limit", "1_000,000", 1_000_000),
        ("full_limit", "0", 0),
        ("timeout", "1.5", 1.5),
        ("timeout", 7, 7.0),
        ("negatives", 0, 0),
        ("negatives", "99", 99),
        ("split", "time", "time:0.9"),
        ("split", "last", "last"),
        ("protocol_seed", "-3", -3),
        ("protocol_seed", 7, 7),
        ("min_rating", 0, 0.0),
        ("columns", "user=a,item=b", {"user": "a", "item": "b"}),
        ("columns", {"timestamp": "t"}, {"timestamp": "t"}),
        ("columns", {"user": 0}, {"user": "0"}),
        ("columns", ["user=a", "item=b"], {"user": "a", "item": "b"}),
        ("encoding", "latin-1", "latin-1"),
        ("encoding", "utf-32", "utf-32"),
        ("encoding", None, None),
        ("ids", "text", "text"),
        ("ids", None, None),
        ("missing", "drop", "drop"),
        ("beyond_accuracy", True, True),
        ("short_users", "drop", "drop"),
    ],
)
def test_an_option_is_read(name: str, value: Any, expected: Any) -> None:
    found = read(name, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("seeds", -1, "seeds: -1 is no list of seeds; write 0 or 0,1,2 or 0-2"),
        ("seeds", 1.5, "is no list of seeds"),
        ("seeds", [1.0], "is no list of seeds"),
        ("seeds", True, "is no list of seeds"),
        ("seeds", [], "names no seed"),
        ("seeds", None, "is no list of seeds"),
        ("k", 0, "k: 0 is no list of cut-offs; write 10 or 5,10,20"),
        ("k", (), "is no list of cut-offs"),
        ("k", (5, "x"), "is no list of cut-offs"),
        ("k", 2.5, "is no list of cut-offs"),
        ("k", True, "is no list of cut-offs"),
        ("views", "ful", "views: 'ful' is no list of views; write some of sampled,expected,full"),
        ("views", ["full", "half"], "is no list of views"),
        ("views", (), "is no list of views"),
        ("views", 3, "is no list of views"),
        ("patience", 0, "patience: 0 is no whole number above 0"),
        ("threads", "two", "threads: 'two' is no whole number above 0"),
        ("jobs", 0, "jobs: 0 is no whole number above 0"),
        ("memory", "4", "memory: '4' is no amount of memory; write 4GiB or 500MB"),
        ("memory", -1, "memory: -1 is no whole number above 0"),
        ("timeout", float("inf"), "timeout: inf is no number of seconds above 0"),
        ("timeout", True, "is no number of seconds"),
        ("negatives", -1, "negatives: -1 is no whole number above 0, nor 0 for the full ranking"),
        ("split", "time:2", "between 0 and 1"),
        ("protocol_seed", "1.5", "protocol_seed: '1.5' is no whole number"),
        ("min_rating", "high", "min_rating: 'high' is no rating"),
        ("min_rating", float("nan"), "is no rating"),
        ("columns", "who=a", "columns: 'who=a' names no column; write user=NAME"),
        ("columns", "user", "columns: 'user' names no column"),
        ("columns", {"user": ""}, "names no column"),
        ("columns", 3, "columns: '3' names no column"),
        ("columns", ["user"], "columns: 'user' names no column"),
        ("encoding", "klingon", "encoding: 'klingon' is no encoding of text; write latin-1, cp1252, utf-16"),
        ("ids", "words", "there are text, number"),
        ("missing", "keep", "there are error, drop"),
        ("encoding", "zip", "encoding: 'zip' is no encoding of text"),
        ("encoding", 8, "encoding: 8 is no encoding of text"),
        ("metrics", 3, "unknown metric '3'"),
        ("seeds", "9" * 5000, "is no list of seeds"),
        ("k", "9" * 5000, "is no list of cut-offs"),
        ("threads", "9" * 5000, "is no whole number above 0"),
        ("metric", 3, "unknown metric '3'"),
        ("beyond_accuracy", "no", "beyond_accuracy: 'no' is neither True nor False"),
        ("short_users", "skip", "there are error, drop, all"),
    ],
)
def test_a_wrong_value_is_named_with_its_option(name: str, value: Any, expected: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        read(name, value)
    assert expected in str(refused.value)
    assert str(refused.value).startswith(f"{name}: ")


def test_one_cut_off() -> None:
    assert cutoff(5) == cutoff("5") == 5
    with pytest.raises(ProtocolError, match="are 2 cut-offs, expected one"):
        cutoff("5,10")

"""Which users a view of a record is over, and records that do not say it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hand_made import FACTS, record, task

from bench.records.compared import compared_counts, compared_ranks, compared_users, n_compared, n_left_out
from protocol.errors import ProtocolError

COUNTS = ([5, 6, 7, 8], [0, 3, 0, 9], [9, 3])
ONE = record("a", [0, 1, 2, 3], full=[4, 5, 6, 7], counts=COUNTS)


def test_drawn_views_leave_out_users_of_cold_items() -> None:
    """P7."""
    for view in ("sampled", "expected"):
        assert compared_users(ONE, view).tolist() == [False, True, False, True]
        assert (n_compared(ONE.task, view), n_left_out(ONE.task, view)) == (2, 2)
    assert compared_ranks(ONE).n_better.tolist() == [1, 3]
    assert compared_counts(ONE, "sampled").users.tolist() == [6, 8]
    assert compared_counts(ONE, "sampled").items.tolist() == [9, 3]


def test_the_full_view_and_given_lists_have_all_users() -> None:
    """P11, P25."""
    given = record("a", [0] * 4, of=task(parts=task()["parts"] | {"split": "imported"}), counts=COUNTS)
    full = record("a", [0] * 4, of=task(facts=FACTS | {"n_negatives": 0}), counts=COUNTS)
    assert compared_users(ONE, "full").all()
    assert compared_counts(ONE, "full").users.tolist() == [5, 6, 7, 8]
    for one, view in ((given, "sampled"), (given, "expected"), (full, "full")):
        assert compared_users(one, view).all()
        assert (n_compared(one.task, view), n_left_out(one.task, view)) == (4, 0)
    assert compared_ranks(full).n_better.size == compared_ranks(given).n_better.size == 4


def test_a_record_that_does_not_say_who_is_left_out_is_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"of a holds no counts.*which 2 of 4 users the sampled view leaves out"):
        compared_users(replace(ONE, counts=None), "sampled")
    assert compared_users(replace(ONE, counts=None), "full").all()
    assert compared_users(record("a", [0] * 4), "sampled").all()


def test_counts_that_contradict_the_task_are_an_error() -> None:
    other = record("b", [0] * 4, counts=([5] * 4, [0, 3, 3, 9], [9, 3]))
    with pytest.raises(ProtocolError, match=r"of a counts 1 held-out items.*its task has 2; `recbench verify`"):
        compared_users(replace(ONE, counts=other.counts), "sampled")

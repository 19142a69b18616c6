"""Equal arrays of several records are held once, and only equal ones are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hand_made import record

from bench.records.sharing import SharedArrays

if TYPE_CHECKING:
    from bench.records.record import Record

COUNTS = ([5, 6, 7, 8], [1, 1, 2, 3], [2, 9, 1])


def shared(*records: Record) -> list[Record]:
    arrays = SharedArrays()
    return [arrays.shared(each) for each in records]


def test_rivals_and_counts_of_one_task_are_one_array() -> None:
    one, other = shared(
        *(record(name, [place, 0, 0, 0], full=[9] * 4, counts=COUNTS) for place, name in enumerate("ab"))
    )
    assert one.ranks is not None
    assert other.ranks is not None
    assert one.ranks.n_rivals is other.ranks.n_rivals
    assert one.ranks.n_better.tolist() == [0] * 4
    assert other.ranks.n_better.tolist() == [1, 0, 0, 0]
    assert one.counts is not None
    assert other.counts is not None
    assert one.counts.items is other.counts.items


def test_numbers_of_another_type_or_length_are_not_mixed() -> None:
    """Zeros of four bytes each have the bytes of half as many zeros of eight."""
    one, other = shared(record("a", [0, 0], counts=([0], [0], [0])), record("b", [0, 0, 0]))
    assert one.ranks is not None
    assert other.ranks is not None
    assert one.counts is not None
    assert (one.ranks.n_better.dtype, one.counts.users.dtype) == (np.int32, np.int64)
    assert (one.ranks.n_better.shape, other.ranks.n_better.shape) == ((2,), (3,))


def test_a_failure_has_nothing_to_share() -> None:
    (failed,) = shared(record("a", [], failure={"kind": "raised", "message": "no", "detail": ""}))
    assert (failed.ranks, failed.full_ranks, failed.counts) == (None, None, None)

"""Values of columns: ids that lose nothing, whole times, finite ratings (P2)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.columns import Columns, Origin, checked
from protocol.errors import DatasetError

ORIGIN = Origin("data.csv", "line", 2)


def columns_of(users=(1, 2), items=(1, 2), times=(1, 2), **more) -> Columns:
    values = {"user": np.asarray(users), "item": np.asarray(items), "timestamp": np.asarray(times), **more}
    return checked(values, ORIGIN)


def test_rows_are_found_where_the_file_counts_them() -> None:
    """The first row after a header is on line 2, so the row of index 1,234 is on line 1,236."""
    assert ORIGIN.row(1_234) == "data.csv, line 1,236"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([3, 1], [3, 1]),
        (np.array([3, 1], dtype=np.int8), [3, 1]),
        (["3", " 1"], [3, 1]),
        ([3.0, 1.0], [3, 1]),
        ([881250949.5, 881250949.0], [881_250_949_500_000, 881_250_949_000_000]),
        ([-0.000001, 0.0], [-1, 0]),
        ([2.0**61, -(2.0**61)], [2**61, -(2**61)]),
        (np.array([2**63 - 1, 2**63 - 2], dtype=np.uint64), [2**63 - 1, 2**63 - 2]),
    ],
)
def test_times_are_whole_or_else_all_in_millionths(times, expected: list[int]) -> None:
    found = columns_of(times=times).timestamps
    assert (found.dtype, found.tolist()) == (np.int64, expected)


@settings(deadline=None)
@given(st.lists(st.floats(-1e9, 4e9).filter(lambda time: time not in (0, -1)), min_size=2, max_size=2))
def test_fractions_keep_the_order_of_times(times: list[float]) -> None:
    first, second = columns_of(times=times).timestamps.tolist()
    assert first == second or (first < second) == (times[0] < times[1])


@pytest.mark.parametrize("times", [[1.0, 2.0**62], [0.5, 2.0**62 / 1e6], np.array([1, 2**63], dtype=np.uint64)])
def test_times_that_do_not_fit_are_refused(times) -> None:
    with pytest.raises(DatasetError, match=r"data\.csv, line 3: the timestamp .* is too large; expected Unix seconds"):
        columns_of(times=times)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (np.array([7, 8], dtype=np.uint8), [7, 8]),
        (np.array([7, 2**63], dtype=np.uint64), ["7", str(2**63)]),
        (np.array([1.0, 2.5]), ["1.0", "2.5"]),
        (np.array(["10", "9"], dtype=object), [10, 9]),
        (np.array(["10", "x"], dtype=object), ["10", "x"]),
    ],
)
def test_ids_are_integers_if_all_are(ids, expected: list) -> None:
    """P2."""
    assert columns_of(users=ids).users.tolist() == expected


@pytest.mark.parametrize("missing", [None, float("nan"), "", " ", "nan"])
def test_missing_ids_are_refused(missing) -> None:
    with pytest.raises(DatasetError, match=r"line 3: the item is missing \(so are 1 in all\)"):
        columns_of(items=np.array(["a", missing], dtype=object))


def test_rows_are_chosen_in_every_column() -> None:
    chosen = columns_of([1, 2], [3, 4], [5, 6], rating=np.array([7, 8])).where(np.array([False, True]))
    found = (chosen.users, chosen.items, chosen.timestamps, chosen.ratings)
    assert [column.tolist() for column in found] == [[2], [4], [6], [8.0]]
    assert columns_of().where(np.array([False, True])).ratings is None

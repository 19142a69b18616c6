"""Times: one unit, no digits lost, and an order."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.data.columns import Origin
from protocol.data.times import NO_CLOCK, checked_times, order_doubt
from protocol.errors import DatasetError

ORIGIN = Origin("data.csv", "line", 2)


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        ([881_250_949, 1_700_000_000], "seconds"),
        ([881_250_949_000, 1_700_000_000_000], "milliseconds"),
        ([881_250_949_000_000, 1_700_000_000_000_000], "microseconds"),
        ([881_250_949_000_000_000, 1_700_000_000_000_000_000], "nanoseconds"),
        ([881_250_949.5, 1_700_000_000.0], "microseconds"),
        (np.array(["2001-09-09"], dtype="datetime64[s]"), "microseconds"),
        ([1, 2, 3], NO_CLOCK),
        ([20_240_531, 20_240_601], NO_CLOCK),
        ([20_240_531_120_000, 20_240_601_120_000], NO_CLOCK),
        ([], NO_CLOCK),
    ],
)
def test_the_unit_is_known_by_the_size_of_numbers(times, unit: str) -> None:
    assert checked_times(np.asarray(times), ORIGIN).unit == unit


def test_few_times_before_1973_leave_a_clock_a_clock() -> None:
    """A missing time is often 0; one of 20 does not change what the others are."""
    assert checked_times(np.array([0] + [10**9] * 19), ORIGIN).unit == "seconds"
    assert checked_times(np.arange(0, 2 * 10**8, 10**6), ORIGIN).unit == NO_CLOCK


@pytest.mark.parametrize("dtype", [np.int64, np.float64, object])
def test_two_units_in_one_column_are_refused(dtype: type) -> None:
    times = np.array([1_400_000_000, 1_400_000_001, 1_400_000_002_000]).astype(dtype)
    if dtype is object:
        times = times.astype(str).astype(object)
    with pytest.raises(DatasetError, match=r"line 4: .* looks like Unix milliseconds .*2 in seconds and 1 in mill"):
        checked_times(times, ORIGIN)


def test_seconds_do_not_fit_into_32_bits_of_a_float() -> None:
    """Beyond 2 ** 24 such a number is rounded: to 64 s at 1e9."""
    with pytest.raises(
        DatasetError, match=r"the timestamps are float32, which holds whole numbers up to 16,777,216 only"
    ):
        checked_times(np.array([1e9], dtype=np.float32), ORIGIN)
    assert checked_times(np.array([16_777_216], dtype=np.float32), ORIGIN).values.tolist() == [2**24]


@pytest.mark.parametrize("text", ["1.40E+09", "1.4e9", "1.40905e+09", "1e9", " 1.40E+09 "])
def test_numbers_that_lost_their_last_digits_are_refused(text: str) -> None:
    with pytest.raises(DatasetError, match="in this spelling its last digits are lost"):
        checked_times(np.array([text, "1409054355"], dtype=object), ORIGIN)


@pytest.mark.parametrize("text", ["1_04", "\u0661\u0662", "\uff11\uff12", "0x10", "12:30", "1 2"])
def test_what_is_no_plain_decimal_number_is_no_time(text: str) -> None:
    with pytest.raises(DatasetError, match="expected a number"):
        checked_times(np.array(["5", text], dtype=object), ORIGIN)


def doubt(users: np.ndarray, times: np.ndarray) -> str | None:
    return order_doubt(users, times)


USERS = np.arange(600) % 30
DRAW = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("ratings", 1 + DRAW.integers(5, size=600)),
        ("halves in millionths", 500_000 * (1 + DRAW.integers(10, size=600))),
        ("play counts", np.minimum(DRAW.zipf(1.6, size=600), 5_000)),
        ("hours of the day", DRAW.integers(24, size=600)),
        ("one value", np.zeros(600, dtype=np.int64)),
    ],
)
def test_ratings_and_counts_are_no_order(kind: str, times: np.ndarray) -> None:
    """20 rows of each user have 190 pairs; by chance, one in five pairs of ratings is equal."""
    assert doubt(USERS, times) is not None, kind


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("positions in a user's order", np.arange(600) // 30),
        ("positions in the order of all", np.arange(600)),
        ("numbers of days", DRAW.integers(3_000, size=600)),
        ("too few rows to tell", np.ones(4, dtype=np.int64)),
        ("nothing", np.zeros(0, dtype=np.int64)),
    ],
)
def test_an_order_is_in_no_doubt(kind: str, times: np.ndarray) -> None:
    assert doubt(USERS[: times.size], times) is None, kind

"""Ticks: digits follow the distance between them, whole numbers are whole, and no two are written alike."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.charts.axes import digits_of, log_axis, log_domain, number_axis, step_of, tick_texts, whole_axis


def test_ticks_by_hand() -> None:
    assert tick_texts(number_axis(0.281, 0.442)) == ["0.30", "0.35", "0.40"]
    assert tick_texts(number_axis(0, 1)) == ["0.0", "0.5", "1.0"]
    assert tick_texts(number_axis(0, 2300)) == ["0", "500", "1,000", "1,500", "2,000"]
    assert tick_texts(number_axis(-0.0004, 0.0011)) == ["0.0000", "0.0005", "0.0010"]
    assert number_axis(0.5, 0.5)["values"] == [0.5]
    assert (step_of(0, 1), digits_of(0.05), digits_of(0.5), digits_of(20)) == (0.5, 2, 1, 0)


def test_whole_numbers_by_hand() -> None:
    assert tick_texts(whole_axis(1, 3)) == ["1", "2", "3"]
    assert tick_texts(whole_axis(1, 2)) == ["1", "2"]
    assert tick_texts(whole_axis(1, 1)) == ["1"]
    assert tick_texts(whole_axis(1, 30, 4)) == ["1", "10", "20", "30"]
    assert tick_texts(whole_axis(0, 5000, 4)) == ["0", "2,000", "4,000"]


def test_powers_and_their_parts_by_hand() -> None:
    assert log_axis(0.3, 8)["values"] == [0.5, 1, 2, 5]
    assert log_axis(0.002, 40)["values"] == [0.01, 0.1, 1, 10]
    low, high = log_domain(3, 3)
    assert [low, high] == pytest.approx([3 / math.sqrt(12), 3 * math.sqrt(12)])


numbers = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))


@given(numbers, st.floats(1e-4, 1e6), st.integers(3, 10))
def test_every_axis_has_ticks_within_it_all_written_differently(low: float, span: float, most: int) -> None:
    axis = number_axis(low, low + span, most)
    assert 1 <= len(axis["values"]) <= most
    assert all(low - span * 1e-3 <= value <= low + span * (1 + 1e-3) for value in axis["values"])
    texts = tick_texts(axis)
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if text.startswith("-") and not text.strip("-0.,")], "no -0.00"
    if axis["format"].endswith("f"):
        assert [float(text.replace(",", "")) for text in texts] == pytest.approx(axis["values"])


@given(st.integers(0, 1000), st.integers(0, 100_000), st.integers(2, 10))
def test_whole_numbers_are_whole_and_within(low: int, span: int, most: int) -> None:
    values = whole_axis(low, low + span, most)["values"]
    assert values
    assert all(isinstance(value, int) and low <= value <= low + span for value in values)
    assert all(one < other for one, other in pairwise(values))


@given(st.floats(1e-5, 1e5), st.floats(1, 1e6))
def test_a_logarithmic_axis_has_several_ticks(low: float, ratio: float) -> None:
    domain = log_domain(low, min(low * ratio, 1e6))
    assert len(log_axis(*domain)["values"]) >= 2

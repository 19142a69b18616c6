"""Curves as plain characters: where each point is, what the ends are called, and what is missing."""

from __future__ import annotations

import pytest

from bench.writing.text_chart import HEIGHT, MOST_STEP, chart_lines


def test_the_worked_example() -> None:
    assert chart_lines([(1, 2.0), (2, 1.0), (3, None)], 40, height=2) == [
        "2 |*",
        "1 |    *",
        "  +--------!",
        "   1       3",
    ]


def test_the_best_point_is_marked() -> None:
    lines = chart_lines([(1, 0.0), (2, 1.0), (3, 0.5)], 40, marked=2, height=3)
    assert lines[:3] == ["1 |    O", "  |        *", "0 |*"]


@pytest.mark.parametrize("width", [20, 38, 60, 72])
@pytest.mark.parametrize("n_points", [1, 2, 3, 18, 59, 60, 1000])
def test_no_line_is_wider_and_every_row_is_there(width: int, n_points: int) -> None:
    lines = chart_lines([(n, 1 / n) for n in range(1, n_points + 1)], width)
    assert max(map(len, lines)) <= width
    assert len(lines) == (HEIGHT if n_points > 1 else 1) + 2
    assert lines[-1].split() == [str(n) for n in dict.fromkeys((1, n_points))]
    assert not any(line != line.rstrip() for line in lines)


def test_more_points_than_columns_are_means() -> None:
    """Of eight points in four columns: 0 and 2, 4 and 6, 8 and 10, 12 and 14 have the means 1, 5, 9 and 13."""
    lines = chart_lines([(n, 2.0 * n) for n in range(8)], len("14 |") + 4, height=15)
    rows = [14 - number for number, line in enumerate(lines[:15]) if "*" in line]
    assert rows == [13, 9, 5, 1]


def test_few_points_are_not_far_apart() -> None:
    assert chart_lines([(1, 0.0), (2, 1.0)], 200, height=2)[-1].endswith(f"1{'2':>{MOST_STEP}}")


def test_equal_values_are_one_row_and_nothing_finite_is_no_chart() -> None:
    assert chart_lines([(1, 0.25), (2, 0.25)], 40) == ["0.25 |*   *", "     +-----", "      1   2"]
    assert chart_lines([(1, None), (2, None)], 40) == []
    assert chart_lines([], 40) == []

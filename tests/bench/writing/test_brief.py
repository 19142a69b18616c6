"""The few lines below a table in a terminal: what fits, in order, and a count of what does not."""

from __future__ import annotations

import pytest

from bench.writing.brief import MOST_LINES, brief_lines
from bench.writing.sheet import Remark

TASK = Remark("Task", "0123456789ab")


def warning(text: str) -> Remark:
    return Remark("Warning", text, is_warning=True)


def test_what_fits_is_there_in_its_order_and_the_last_line_counts_the_notes() -> None:
    lines = brief_lines([Remark("Result", "a is highest."), warning("b failed."), TASK], n_notes=12, width=80)
    assert lines == [
        "Result   a is highest.",
        "Warning  b failed.",
        "Task     0123456789ab; in --notes: 12 notes",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 160, None])
@pytest.mark.parametrize("n_warnings", [0, 1, 5, 6, 9])
def test_never_more_lines_and_no_warning_is_lost(width: int | None, n_warnings: int) -> None:
    """Six lines are left above the last one."""
    remarks = [*(warning(f"number {number}.") for number in range(n_warnings)), Remark("Signs", "±."), TASK]
    lines = brief_lines(remarks, n_notes=3, width=width)
    shown = sum(line.startswith("Warning") for line in lines)
    assert len(lines) == min(MOST_LINES, n_warnings + 2)
    assert shown == min(n_warnings, MOST_LINES - 1)
    left = n_warnings - shown
    counted = f"{left} more warning{'s' * (left > 1)}, " if left else ""
    assert lines[-1].endswith(f"in --notes: {counted}3 notes")


def test_a_warning_that_is_too_long_is_counted_and_a_shorter_one_takes_its_place() -> None:
    lines = brief_lines([warning("long words " * 50), warning("short."), TASK], n_notes=1, width=60)
    assert lines == ["Warning  short.", "Task     0123456789ab; in --notes: 1 more warning, 1 note"]


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_lines_break_at_words_and_go_on_below_the_text(width: int) -> None:
    text = "untested --seeds 0-4 " * 8
    first, *others = brief_lines([Remark("Result", text), TASK], n_notes=1, width=width)[:-1]
    assert all(len(line) <= min(width, 100) for line in (first, *others))
    assert all(line.startswith(" " * 8) and line[8] != " " for line in others)
    assert " ".join((first, *others)).split() == ["Result", *text.split()]

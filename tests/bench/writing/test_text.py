"""Values as text."""

from __future__ import annotations

import pytest

from bench.writing.text import accuracy_text, amount_text, p_text


@pytest.mark.parametrize(
    ("p_value", "text"), [(None, "-"), (0.00003, "< .0001"), (0.0004, ".0004"), (0.0312, ".031"), (1.0, "1.000")]
)
def test_p_values(p_value: float | None, text: str) -> None:
    assert p_text(p_value) == text


@pytest.mark.parametrize(
    ("value", "shown"), [(0.667, ".6670"), (1.0, "1.0000"), (0.0, ".0000"), (0.99996, "1.0000"), (1 / 3, ".3333")]
)
def test_accuracy_has_no_leading_zero(value: float, shown: str) -> None:
    assert accuracy_text(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.000"),
        (0.0004, "<0.001"),
        (0.0005, "0.001"),
        (0.0123, "0.012"),
        (0.3, "0.30"),
        (9.996, "10.0"),
        (25.34, "25.3"),
        (99.96, "100"),
        (1234.5, "1,234"),
        (None, "-"),
    ],
)
def test_amounts_have_about_three_digits(value: float | None, shown: str) -> None:
    assert amount_text(value) == shown

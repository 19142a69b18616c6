"""Values as text."""

from __future__ import annotations

import pytest

from bench.writing.text import p_text


@pytest.mark.parametrize(
    ("p_value", "text"), [(None, "-"), (0.00003, "< .0001"), (0.0004, ".0004"), (0.0312, ".031"), (1.0, "1.000")]
)
def test_p_values(p_value: float | None, text: str) -> None:
    assert p_text(p_value) == text

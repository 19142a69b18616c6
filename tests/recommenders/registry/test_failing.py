"""What strangers' exceptions say, also where their text fails or is a number alone."""

from __future__ import annotations

from typing import Any

import pytest

from recommenders.registry.failing import LINE_LENGTH, error_text, with_reason


class MuteError(Exception):
    """Raises when it is asked what it says."""

    def __init__(self, raised: Any) -> None:
        super().__init__()
        self.raised = raised

    def __str__(self) -> str:
        if isinstance(self.raised, BaseException):
            raise self.raised
        return self.raised  # type: ignore[no-any-return]


def test_a_text_of_several_lines_is_one() -> None:
    assert error_text(ValueError("no\n  users")) == "ValueError: no users"
    assert error_text(KeyError()) == "KeyError"


@pytest.mark.parametrize(
    ("raised", "name"),
    [(ValueError("no"), "ValueError"), (KeyboardInterrupt(), "KeyboardInterrupt"), (None, "TypeError")],
)
def test_where_its_text_raises_the_kind_is_said(raised: Any, name: str) -> None:
    assert (
        error_text(MuteError(raised)) == f"MuteError: (what it says cannot be shown, because its str() raised {name})"
    )


@pytest.mark.parametrize("message", ["SystemExit: 2", "SystemExit", "x.py cannot be loaded: SystemExit: 2 (line 8)"])
def test_an_exit_with_a_number_is_explained_by_the_last_line(message: str) -> None:
    printed = "usage: x [--data D]\nx: error: give\t --data\n\n"
    assert with_reason(message, printed) == f"{message}; the last line it printed: x: error: give --data"
    assert with_reason(message, " \n") == message
    assert len(with_reason(message, "y" * 1000)) < len(message) + LINE_LENGTH + 40


def test_what_has_a_reason_needs_no_other() -> None:
    for message in ("SystemExit: please give --data", "ValueError: 2", ""):
        assert with_reason(message, "epoch 3\n") == message

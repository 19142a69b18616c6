"""JSON shows every character, and loses none."""

from __future__ import annotations

import json

import pytest

from bench.writing.json import json_text


@pytest.mark.parametrize(
    "hidden", ["\x1b[2J", "\x9b2J", "\u202etxt.exe", "\u2028", "\ufeff", "\udcff", "\U000e0001", "\x7f"]
)
def test_what_is_not_shown_is_written_as_an_escape(hidden: str) -> None:
    text = json_text({"name": f"µ{hidden}é", hidden: 1})
    assert all(character.isprintable() or character == "\n" for character in text)
    assert json.loads(text) == {"name": f"µ{hidden}é", hidden: 1}
    assert "µ" in text

"""How wide a text is, held against the drawing library, which measures the font that it draws with."""

from __future__ import annotations

import pytest
from drawn_texts import size_of

from bench.charts.chart import Chart
from bench.charts.lettering import text_width, wrapped
from bench.charts.library import SCHEMA_VEGA, image
from bench.charts.style import PRINT


def test_a_width_by_hand() -> None:
    assert text_width("Wi", 10) == pytest.approx(9.44 + 2.22)
    assert text_width("", 10) == 0
    assert text_width("\N{HORIZONTAL ELLIPSIS}", 10) == 10, "a letter that is not in the table"


@pytest.mark.parametrize(
    "text",
    [
        "neumf:embedding_size=16,learning_rate=0.001",
        "The quick brown fox jumps over the lazy dog; 12,345.67 (95 %)",
        "PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS!",
        "torch.mlp_post \N{DAGGER} \N{PLUS-MINUS SIGN}.031 {a|b} [c] <d> \"e\" 'f' ~ ^ * / \\ ? @ # $ & + _ `",
    ],
)
@pytest.mark.parametrize("bold", [False, True])
def test_the_library_draws_texts_as_wide_as_we_say(text: str, bold: bool) -> None:
    mark = {
        "type": "text",
        "encode": {
            "enter": {
                "text": {"value": text},
                "font": {"value": PRINT.font},
                "fontSize": {"value": 100},
                "fontWeight": {"value": 600 if bold else 400},
            }
        },
    }
    spec = {"$schema": SCHEMA_VEGA, "width": 1, "height": 1, "padding": 0, "autosize": "pad", "marks": [mark]}
    width, _ = size_of(image(Chart(spec, "", (), ()), "svg"))
    assert width == pytest.approx(text_width(text, 100, bold=bold), rel=0.02 if bold else 0.005)


def test_lines_are_no_wider_than_their_place_and_no_word_is_lost() -> None:
    text = "one two three four five, and a_word_that_is_wider_than_the_place"
    lines = wrapped(text, 60, 10)
    assert " ".join(lines) == text
    assert len(lines) > 3
    assert all(text_width(line, 10) <= 60 or " " not in line for line in lines)
    assert wrapped("", 60, 10) == []

"""Defaults are passed on as plain values, whatever a stranger's object does; values are written as text."""

from __future__ import annotations

from typing import Any

import pytest

from recommenders.registry.description import describe
from recommenders.registry.inspection.outcome import Inspection, to_json
from recommenders.registry.plain import MOST_NESTED, Unread, plain, plain_default, text_of


class Shy:
    def __repr__(self) -> str:
        raise KeyError("no")


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize("default", [Shy(), [Shy()], CIRCLE, nested(1000), {"a": CIRCLE}, object], ids=lambda _: "")
def test_a_default_that_cannot_be_read_costs_no_description(default: Any) -> None:
    class Model:
        def __init__(self, p: Any = default, q: int = 3) -> None: ...

    found = describe(Model, {})
    assert isinstance(found.parameters["p"].default, Unread)
    assert len(found.parameters["p"].default) < 600
    assert found.parameters["q"].default == 3
    assert to_json(Inspection("described", "Model", found))["description"]["parameters"][1]["default"] == 3


def test_a_repr_that_raises_is_said() -> None:
    assert plain_default(Shy()) == "a Shy whose repr raises KeyError"


def test_a_few_levels_are_plain() -> None:
    assert plain(nested(MOST_NESTED)) == nested(MOST_NESTED)
    with pytest.raises(TypeError, match="nested more than"):
        plain(nested(MOST_NESTED + 1))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((64, 32), "64-32"),
        ([64, 32], "64-32"),
        ((-1, 2), "-1,2"),
        ((0.1, 2.0), "0.1,2"),
        (("mf", "mlp"), "mf,mlp"),
        (("a,b", "c"), '["a,b","c"]'),
        ((" a",), '[" a"]'),
        ([[64, 32], [16]], "[[64,32],[16]]"),
        ({"lr": 0.1, "b": None}, '{"lr":0.1,"b":null}'),
        ((), ""),
        (64.0, "64"),
        (None, "None"),
    ],
    ids=str,
)
def test_a_value_is_written_as_text(value: Any, text: str) -> None:
    assert text_of(value) == text

"""Hyper-parameters from signatures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from recommenders.registry.parameters import REQUIRED, Parameter, parse_values, read_parameters


@dataclass
class Model:
    size: int
    rate: float = 1
    layers: tuple[int, ...] = (64, 32)
    cap: float | None = None
    names: list[str] = field(default_factory=lambda: ["a"])
    hidden: int = field(default=3, init=False)


class Plain:
    def __init__(self, size=10, rate=0.5, fast=False, name="x", layers=(1, 2), anything=None, **others) -> None: ...


def test_a_dataclass_is_read() -> None:
    found = read_parameters(Model, {"rate": 2.5})
    assert found == {
        "size": Parameter("size", REQUIRED, "int"),
        "rate": Parameter("rate", 2.5, "float"),
        "layers": Parameter("layers", (64, 32), "tuple[int, ...]"),
        "cap": Parameter("cap", None, "float | None"),
        "names": Parameter("names", ["a"], "list[str]"),
    }


def test_a_plain_class_is_read() -> None:
    found = read_parameters(Plain, {})
    assert list(found) == ["size", "rate", "fast", "name", "layers", "anything"]
    assert found["size"] == Parameter("size", 10, "")


def test_annotations_that_are_no_text() -> None:
    class Evaluated:
        pass

    def construct(self: Any, size, layers, cap) -> None: ...

    construct.__annotations__ = {"size": int, "layers": tuple[int, ...], "cap": Optional[float]}  # noqa: UP045
    Evaluated.__init__ = construct
    parameters = read_parameters(Evaluated, {})
    assert parse_values("x", parameters, {"size": "3", "layers": "4-5", "cap": "none"}, {}) == {
        "size": 3,
        "layers": (4, 5),
        "cap": None,
    }

"""Device and precision are given by the run: they are no hyper-parameters."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import RecommenderError
from recommenders import registry


class Fits:
    def fit(self, train: Any, *, rng: Any) -> None: ...

    def score(self, users: Any, items: Any) -> None: ...


class Both(Fits):
    def __init__(self, reg: float = 1.0, *, device: str, precision: str = "bf16") -> None:
        self.given = reg, device, precision


class DeviceAlone(Fits):
    def __init__(self, device: str = "cuda") -> None:
        self.given = (device,)


class PrecisionAlone(Fits):
    def __init__(self, precision: int = 8) -> None:
        self.given = (precision,)


class PassesOn(Both):
    def __init__(self, neighbors: int = 3, **others: Any) -> None:
        super().__init__(**others)
        self.neighbors = neighbors


@pytest.mark.parametrize(
    ("cls", "takes", "parameters", "given"),
    [
        (Both, (True, True), ["reg"], (1.0, "cpu", "float32")),
        (DeviceAlone, (True, False), [], ("cpu",)),
        (PrecisionAlone, (False, False), ["precision"], (8,)),
        (PassesOn, (True, True), ["neighbors"], (1.0, "cpu", "float32")),
    ],
)
def test_the_run_gives_a_device_to_every_class_that_takes_one(
    cls: type, takes: tuple[bool, bool], parameters: list[str], given: tuple[Any, ...]
) -> None:
    """On the processor, too: the class's own default may be another device."""
    description = registry.describe(cls, {})
    assert (description.takes_device, description.takes_precision) == takes
    assert list(description.parameters) == parameters
    assert registry.build(cls, {}).given == given  # type: ignore[attr-defined]


def test_a_device_is_passed_as_the_run_says() -> None:
    built = registry.build(Both, {"reg": 2}, {"device": "cuda:1", "precision": "bf16"})
    assert built.given == (2.0, "cuda:1", "bf16")  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "value"), [("device", "cuda"), ("precision", "bf16")])
def test_as_a_parameter_it_is_refused_with_the_option_in_its_place(name: str, value: str) -> None:
    description = registry.describe(Both, {})
    with pytest.raises(RecommenderError, match=rf"mine: {name}={value} is no hyper-parameter: .* --{name} {value}"):
        registry.parse_parameters("mine", description, {name: value})


def test_where_it_is_no_placement_it_is_a_parameter_like_any_other() -> None:
    description = registry.describe(PrecisionAlone, {})
    assert registry.parse_parameters("mine", description, {"precision": "16"}) == {"precision": 16}

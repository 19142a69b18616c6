"""Whatever a parameter's annotation or default asks for arrives in that type, from text, from JSON and from Python."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence  # noqa: TC003 - annotations are read as a class has them
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional

import numpy as np
import numpy.typing as npt
import pytest

from protocol.errors import RecommenderError
from recommenders.registry.description import build, describe, parse_parameters
from recommenders.registry.inspection.outcome import Inspection, from_json, to_json
from recommenders.registry.plain import text_of


class Act(Enum):
    UP = 1
    DOWN = -1


class Loss(Enum):
    BPR = "bpr"
    BCE = "bce"


class Size(IntEnum):
    SMALL = 4
    LARGE = 8


class Pair(NamedTuple):
    low: int
    high: float


Rate = NewType("Rate", float)


class Model:
    """A class whose constructor is put in its place by `of`."""

    def fit(self) -> None: ...

    def score(self) -> None: ...


def of(annotation: Any, default: Any = ...) -> type:
    """Return a class with one parameter ``p``."""

    def construct(self: Any, p: Any = default) -> None:
        self.p = p

    if default is ...:

        def construct(self: Any, p: Any) -> None:  # type: ignore[misc]
            self.p = p

    construct.__annotations__ = {} if annotation is ... else {"p": annotation}
    return type("Given", (Model,), {"__init__": construct, "__module__": __name__})


def arriving(cls: type, given: Any, name: str = "p") -> Any:
    """Return what the constructor receives for a text, by way of JSON and of another process's description."""
    told = from_json(json.loads(json.dumps(to_json(Inspection("described", "Given", describe(cls, {}))))))
    assert told.description is not None
    found = parse_parameters("given", told.description, {name: given})
    sent = json.loads(json.dumps(found))
    # The text in a label, and the JSON of a record, mean the same object again.
    assert parse_parameters("given", told.description, {name: text_of(found[name])}) == found
    assert parse_parameters("given", told.description, sent) == found
    return getattr(build(cls, sent), name)


@pytest.mark.parametrize(
    ("annotation", "default", "text", "expected"),
    [
        (..., Act.UP, "UP", Act.UP),
        (..., Act.UP, "-1", Act.DOWN),
        ("Loss", Loss.BPR, "bce", Loss.BCE),
        (Loss, ..., "BCE", Loss.BCE),
        ("Loss | None", None, "BPR", Loss.BPR),
        ("str", Loss.BPR, "bce", Loss.BCE),
        (..., Size.SMALL, "8", Size.LARGE),
        (..., np.float64(0.1), "0.5", np.float64(0.5)),
        (..., np.float32(0.1), "0.3", np.float32(0.3)),
        (..., np.int64(8), "4", np.int64(4)),
        (..., np.bool_(True), "false", np.bool_(False)),
        ("np.int32", ..., "4", np.int32(4)),
        (..., [64, 32], "128-64", [128, 64]),
        (..., (64, 32), "128-64", (128, 64)),
        (..., (64, 32), "-1,2", (-1, 2)),
        (..., [0.5], "1,2.5", [1.0, 2.5]),
        (..., {1, 2}, "3,4,3", {3, 4}),
        ("frozenset[str]", frozenset(), "b,a", frozenset("ab")),
        ("list[list[int]]", ..., "[[64,32],[16]]", [[64, 32], [16]]),
        (..., [[64, 32], [16]], "[[1]]", [[1]]),
        ("tuple[tuple[int, float], ...]", (), "[[1,2]]", ((1, 2.0),)),
        ("list[Act]", [Act.UP], "DOWN,UP", [Act.DOWN, Act.UP]),
        ("list[str]", ["a"], "b-c,d", ["b-c", "d"]),
        ("list[str]", ["a"], '["b,c"]', ["b,c"]),
        (..., ("mf", "mlp"), "gmf,mlp", ("gmf", "mlp")),
        ("Sequence[int]", [1], "2-3", [2, 3]),
        ("Sequence[int]", (1,), "2-3", (2, 3)),
        (..., np.array([1.0, 2.0]), "3,4", np.array([3.0, 4.0])),
        ("npt.NDArray[np.float32]", None, "3,4", np.array([3, 4], np.float32)),
        (..., Pair(1, 0.5), "2,1", Pair(2, 1.0)),
        (..., {"lr": 0.1, "dim": 8}, '{"lr":0.5,"dim":4}', {"lr": 0.5, "dim": 4}),
        (..., {"lr": 0.1, "act": Act.UP}, '{"lr":1,"act":"DOWN","b":[1]}', {"lr": 1.0, "act": Act.DOWN, "b": [1]}),
        (..., {"on": {"lr": 0.1, "seed": None}}, '{"on":{"lr":1,"seed":3}}', {"on": {"lr": 1.0, "seed": 3}}),
        ("dict[str, float]", ..., '{"a":1}', {"a": 1.0}),
        ("dict[int, Act]", ..., '{"3":"UP"}', {3: Act.UP}),
        ("Mapping[str, list[int]]", {}, '{"a":[1]}', {"a": [1]}),
        (..., OrderedDict(a=1), '{"b":2}', OrderedDict(b=2)),
        (..., Path("weights.npy"), "a/b.npy", Path("a/b.npy")),
        (..., PurePosixPath("a"), "b", PurePosixPath("b")),
        ("Path | None", None, "a/b.npy", Path("a/b.npy")),
        ("Literal[1, 2, 4]", 2, "4", 4),
        ("Literal['a', None, True]", "a", "none", None),
        ("Literal['a', None, True]", "a", "true", True),
        (Literal[Act.UP, "off"], "off", "UP", Act.UP),
        ("Optional[Literal['a']]", None, "a", "a"),
        (Annotated[int, "of neighbours"], 3, "4", 4),
        (Rate, 0.5, "2", 2.0),
        ("float", None, "none", None),
        ("float", 1, "2", 2.0),
        ("int | list[int]", 3, "4-5", [4, 5]),
        ("str | list[str]", "a", "b", "b"),
        ("bool", True, "no", False),
        ("Any", 3, "4", 4),
        ("Any", None, '[1,{"a":null}]', [1, {"a": None}]),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set | frozenset) else value),
)
def test_a_text_arrives_in_the_type_that_is_asked_for(annotation: Any, default: Any, text: str, expected: Any) -> None:
    found = arriving(of(annotation, default), text)
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert found.tolist() == expected.tolist()
        assert found.dtype == expected.dtype
        return
    assert found == expected
    if isinstance(expected, list | tuple):
        assert [type(member) for member in found] == [type(member) for member in expected]
    assert repr(found) == repr(expected) or isinstance(expected, set | frozenset)


@pytest.mark.parametrize(
    ("annotation", "default", "text", "message"),
    [
        (..., Act.UP, "SIDEWAYS", "p=SIDEWAYS is not one of UP, DOWN"),
        ("Literal['relu', 'tanh']", "relu", "nonsense", "p=nonsense is not one of relu, tanh"),
        ("Literal[1, 2]", 1, "3", "one of 1, 2"),
        ("list[list[int]]", ..., "[[1],2]", "a JSON list"),
        ("list[list[int]]", ..., "64-32", "a JSON list such as [[64,32],[16]]"),
        ("set", ..., "[[1],[2]]", 'a JSON list such as [64,"a"]'),
        ("set[int | str]", ..., "[[1],[2]]", 'a JSON list such as [64,"a"]'),
        ("list[int | str]", ..., "[[1],[2]]", 'a JSON list such as [64,"a"]'),
        ("list[dict[str, int]]", ..., "[[1],[2]]", 'a JSON list such as [{"a":1}]'),
        ("set[tuple[int, ...]]", ..., "[1,2]", "a JSON list such as [[64,32],[16]]"),
        ("dict[str, float]", ..., '{"a":"x"}', "a JSON object such as"),
        (..., {"lr": 0.1}, '{"lr":"high"}', "a JSON object such as"),
        ("dict", ..., '{"a":1,"a":2}', "a JSON object such as"),
        ("dict", ..., '{"a":NaN}', "a JSON object such as"),
        ("tuple[int, int]", ..., "1-2-3", "2 whole numbers"),
        ("set[int]", ..., "a", "whole numbers"),
        ("list[Act]", ..., "UP,LEFT", "each one of UP, DOWN"),
        (..., np.int8(3), "0.5", "a whole number"),
        ("int", 3, "1_0", "a whole number"),
        ("int", 3, "\u0663", "a whole number"),
        ("float", 3.0, "1_0.5", "a finite number"),
        (..., np.tanh, "sin", "its default is <ufunc 'tanh'>; annotate it"),
        ("Callable[[float], float]", None, "sin", "is not none"),
        ("Decimal", ..., "1", "its annotation is Decimal, and it has no default"),
        ("NoSuchName", object(), "1", "a value that can be written as text"),
        (..., [np.tanh], "sin", "a value that can be written as text"),
    ],
    ids=lambda value: type(value).__name__ if type(value) is object else str(value),
)
def test_what_cannot_be_converted_is_refused(annotation: Any, default: Any, text: str, message: str) -> None:
    with pytest.raises(RecommenderError) as refused:
        arriving(of(annotation, default), text)
    assert message in str(refused.value)


def test_a_number_beyond_its_type_is_refused_by_the_job() -> None:
    with pytest.raises(RecommenderError, match="p=300 cannot be made"):
        arriving(of(..., np.int8(3)), "300")


@pytest.mark.parametrize("given", [Act.DOWN, "DOWN", "-1", -1])
def test_an_enum_is_given_in_python_by_member_name_or_value(given: Any) -> None:
    assert arriving(of(..., Act.UP), given) is Act.DOWN
    assert build(of(..., Act.UP), {"p": given}).p is Act.DOWN  # type: ignore[attr-defined]


def test_an_object_that_no_text_can_give_passes_unchanged_in_python() -> None:
    assert build(of(..., np.tanh), {"p": np.sin}).p is np.sin  # type: ignore[attr-defined]


def test_a_name_goes_before_a_value_and_an_alias_is_its_member() -> None:
    class Crossed(Enum):
        a = "b"
        b = "a"
        also_b = "a"  # noqa: PIE796 - an alias

    assert arriving(of(..., Crossed.a), "a") is Crossed.a
    assert arriving(of(..., Crossed.a), "also_b") is Crossed.b


class Base:
    def __init__(self, act: Act = Act.UP, dim: int = 8) -> None:
        self.act, self.dim = act, dim


class Passing(Model, Base):
    def __init__(self, reg: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**{name: value for name, value in kwargs.items() if name in ("act", "dim")})
        self.reg, self.lr = reg, kwargs.get("lr")


class Numbers(Model):
    def __init__(self, **rates: float) -> None:
        self.lr = rates.get("lr")


def test_further_keywords_are_passed_on_in_the_types_of_the_base_class() -> None:
    assert arriving(Passing, "DOWN", "act") is Act.DOWN
    assert arriving(Passing, "4", "dim") == 4
    assert arriving(Passing, "0.1", "lr") == 0.1
    assert type(arriving(Numbers, "1", "lr")) is float
    with pytest.raises(RecommenderError, match="lr=high is not a finite number"):
        arriving(Numbers, "high", "lr")
    with pytest.raises(RecommenderError, match="act=LEFT is not one of UP, DOWN"):
        arriving(Passing, "LEFT", "act")


@dataclass
class Data(Model):
    layers: list[int] = field(default_factory=lambda: [64, 32])
    loss: Loss = Loss.BPR
    rate: Optional[float] = None  # noqa: UP045 - the older spelling is what is tested
    seen: Mapping[str, Sequence[int]] = field(default_factory=dict)
    of_what: Callable[[float], float] | None = None
    weights: npt.NDArray[np.float64] | None = None


def test_a_dataclass_is_read_like_a_constructor() -> None:
    assert arriving(Data, "128-64", "layers") == [128, 64]
    assert arriving(Data, "bce", "loss") is Loss.BCE
    assert arriving(Data, "2", "rate") == 2.0
    assert arriving(Data, '{"a":[1,2]}', "seen") == {"a": (1, 2)}
    assert arriving(Data, "1,2", "weights").dtype == np.float64


def test_a_description_has_plain_defaults() -> None:
    found = describe(Data, {}).parameters
    assert (found["layers"].default, found["loss"].default) == ([64, 32], "BPR")

"""The models in PyTorch beside the compiled ones: the same hyper-parameters, and the same accuracy."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from protocol.data.loading import load_dataset
from protocol.errors import RecommenderError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.tasks.task import Task, build_task
from recommenders import registry

TWINS = {f"torch.{name}": name for name in ("mf", "gmf", "mlp", "neumf", "mlp_post")}

SEEDS = range(5)

OF_BATCHES = {"learning_rate", "batch_size", "optimizer"}
"""What may differ of `mf`, which takes a step for each pair."""

ONLY_COMPILED = {"pretraining_epochs", "negatives_from"}


def parameters_of(name: str) -> dict[str, Any]:
    entry = registry.find(name)
    return {key: said.default for key, said in registry.description_of(entry).parameters.items()} | dict(entry.preset)


@pytest.mark.parametrize(("twin", "compiled"), TWINS.items())
def test_hyperparameters_and_defaults_are_the_compiled_ones(twin: str, compiled: str) -> None:
    ours, theirs = parameters_of(twin), parameters_of(compiled)
    for name in ONLY_COMPILED:
        theirs.pop(name, None)
    different = {name for name, value in theirs.items() if ours[name] != value}
    assert different == ({"learning_rate"} if compiled == "mf" else set())
    if compiled == "mf":
        assert ours["learning_rate"] == pytest.approx(theirs["learning_rate"] * ours["batch_size"])


@pytest.mark.parametrize(("twin", "compiled"), TWINS.items())
def test_what_is_searched_is_what_is_searched_for_the_compiled_one(twin: str, compiled: str) -> None:
    ours, theirs = (registry.load_class(registry.find(name)).search_space() for name in (twin, compiled))
    ours.pop("learning_rate"), theirs.pop("learning_rate")
    assert ours == theirs


@cache
def task() -> Task:
    return build_task(load_dataset("synthetic:120x80x2400"), n_negatives=20)


LITTLE = {"embedding_size": 8, "epochs": 8, "batch_size": 256, "n_negatives": 2}
NETWORK = {**LITTLE, "learning_rate": 0.01, "reg": 0.005, "init_std": 0.1}
SMALL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "mf": ({"learning_rate": 0.05}, {"learning_rate": 0.05 * 256}),
    "gmf": ({}, {}),
    "mlp": ({"layers": (16, 8)}, {"layers": (16, 8)}),
    "neumf": ({"layers": (16, 8)}, {"layers": (16, 8)}),
    "mlp_post": ({"learning_rate": 0.01}, {"learning_rate": 0.01}),
}
"""What each twin has beside `LITTLE` or `NETWORK`, the compiled one first."""


def reached(name: str, parameters: dict[str, Any]) -> np.ndarray:
    """Return HR@10 and NDCG@10, ``(n_seeds, 2)``."""
    found = []
    for seed in SEEDS:
        model = registry.new(registry.find(name), parameters).fit(task().train, rng=np.random.default_rng(seed))
        ranks = evaluate(model, task(), full=False).ranks
        found.append((hit_rate(ranks, 10).mean(), ndcg(ranks, 10).mean()))
    return np.array(found)


@pytest.mark.parametrize(("twin", "compiled"), TWINS.items())
def test_accuracy_agrees_within_the_noise_of_seeds(twin: str, compiled: str) -> None:
    """Over five seeds, by Welch's interval of 99.9 % for the difference of means, and both learn."""
    shared = LITTLE if compiled in ("mf", "mlp_post") else NETWORK
    known = registry.description_of(registry.find(compiled)).parameters
    own, others = SMALL[compiled]
    theirs = reached(compiled, {key: value for key, value in {**shared, **own}.items() if key in known})
    ours = reached(twin, {**shared, **others})
    error = np.sqrt((ours.var(axis=0, ddof=1) + theirs.var(axis=0, ddof=1)) / len(SEEDS))
    # t(8) at .05 %, two-sided.
    assert np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 5.04 * error)
    assert np.all(error < 0.03)


@pytest.mark.parametrize("name", [name for name in TWINS if name != "torch.mlp_post"])
@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [("embedding_size", 0, "1 or more"), ("reg", -0.1, "0 or more"), ("init_std", 0.0, "more than 0")],
)
def test_limits_are_named(name: str, parameter: str, value: float, expected: str) -> None:
    with pytest.raises(RecommenderError, match=f"{parameter} is {value}, expected {expected}"):
        registry.new(registry.find(name), {parameter: value})


@pytest.mark.parametrize("name", ["torch.mlp", "torch.neumf"])
def test_widths_are_checked(name: str) -> None:
    with pytest.raises(RecommenderError, match="layers are"):
        registry.new(registry.find(name), {"layers": (8, 0)})

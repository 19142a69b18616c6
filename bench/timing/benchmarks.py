"""The benchmarks of a recommender: one line in a test file makes them."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.choices import choose_one
from bench.timing.measuring import measure
from protocol.data.loading import load_dataset
from protocol.tasks.task import Task, build_task
from recommenders.registry import as_recommender, build, load_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.contract import Recommender

SIZES = ("500x400x10000", "1000x800x40000")
"""Sizes of the synthetic data: users, items and interactions. The second has four times the interactions."""

SEED = 0


def recommender_benchmarks(*recommenders: type | str, **parameters: Any) -> Callable[..., None]:
    """Return a test that times ``fit`` and ``score`` of each recommender at each of `SIZES`.

    Assign it to a name that pytest collects::

        test_timing = recommender_benchmarks(MyRecommender, epochs=2)

    Parameters
    ----------
    recommenders
        Classes, or texts as `recbench check` takes them: ``"als:epochs=1"``, ``"my_model.py:Mine"``.
    parameters
        Hyper-parameters for all of them, in place of their defaults. A few epochs are enough.
    """
    # By name, so that types can be checked where pytest is not installed.
    pytest: Any = importlib.import_module("pytest")

    def test(benchmark: Any, recommender: type | str, phase: str, size: str) -> None:
        _PHASES[phase](benchmark, builder(recommender, parameters), synthetic_task(size))

    for names, values in {"recommender": recommenders, "phase": _PHASES, "size": SIZES}.items():
        test = pytest.mark.parametrize(names, values, ids=_label)(test)
    return test


def builder(recommender: type | str, parameters: dict[str, Any]) -> Callable[[], Recommender]:
    """Return a function that builds a recommender; ``parameters`` override the text's, which override a preset's.

    Its class is imported in this process on purpose, as this process times it.
    """
    if not isinstance(recommender, str):
        made = as_recommender(recommender)
        return lambda: build(made, parameters)
    choice = choose_one(recommender)
    cls, given = load_class(choice.entry), {**choice.entry.preset, **choice.parameters, **parameters}
    return lambda: build(cls, given)


@cache
def synthetic_task(size: str) -> Task:
    """Return the test task of synthetic data; ``size`` is ``USERSxITEMSxINTERACTIONS``."""
    return build_task(load_dataset(f"synthetic:{size}"))


def _label(value: type | str) -> str:
    return value if isinstance(value, str) else value.__name__


def _time_fit(benchmark: Any, new: Callable[[], Recommender], task: Task) -> None:
    measure(
        benchmark,
        lambda model, rng: model.fit(task.train, rng=rng),
        fresh=lambda: (new(), np.random.default_rng(SEED)),
    )


def _time_score(benchmark: Any, new: Callable[[], Recommender], task: Task) -> None:
    model = new().fit(task.train, rng=np.random.default_rng(SEED))
    users, items = task.candidates.users, task.candidates.items
    measure(benchmark, lambda: model.score(users, items))


_PHASES = {"fit": _time_fit, "score": _time_score}

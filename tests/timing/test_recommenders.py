"""How long each built-in takes to fit (one epoch of those that learn epoch by epoch) and to score."""

from __future__ import annotations

import inspect

from bench.timing import recommender_benchmarks
from recommenders.registry import entries, load_class


def one_epoch(name: str) -> str:
    has_epochs = "epochs" in inspect.signature(load_class(entries()[name])).parameters
    return f"{name}:epochs=1" if has_epochs else name


BUILT_INS = [one_epoch(name) for name, entry in entries().items() if entry.origin == "built-in"]

test_recommender = recommender_benchmarks(*BUILT_INS)

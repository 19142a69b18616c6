"""A pytest plug-in: of all tests only benchmarks run, and of these only those named in the environment, if any are."""

from __future__ import annotations

import json
import os
from typing import Any

VARIABLE = "RECBENCH_TIMING_ONLY"
"""Holds the names as a JSON list: node ids, as pytest-benchmark calls benchmarks."""


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Deselect all other tests."""
    text = os.environ.get(VARIABLE)
    names = None if text is None else set(json.loads(text))
    kept = [item for item in items if _is_benchmark(item) and (names is None or item.nodeid in names)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _is_benchmark(item: Any) -> bool:
    return "benchmark" in getattr(item, "fixturenames", ())

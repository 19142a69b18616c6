"""A pytest plug-in: pytest runs only benchmarks, and only those named in the environment, if it names any."""

from __future__ import annotations

import json
import os
from typing import Any

VARIABLE = "RECBENCH_TIMING_ONLY"
"""The environment variable with the names of benchmarks: a JSON list of pytest's node ids."""


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Deselect every test that is no benchmark, or not one of the named ones."""
    text = os.environ.get(VARIABLE)
    names = None if text is None else set(json.loads(text))
    kept = [item for item in items if _is_benchmark(item) and (names is None or item.nodeid in names)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _is_benchmark(item: Any) -> bool:
    return "benchmark" in getattr(item, "fixturenames", ())

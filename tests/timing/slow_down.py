"""A pytest plug-in that makes ``fit`` of one class take a third longer: a regression made to be caught.

PYTHONPATH=tests/timing PYTEST_PLUGINS=slow_down SLOW_DOWN=recommenders.als:ALS make timing
"""

from __future__ import annotations

import importlib
import os
import time
from functools import wraps
from typing import Any

VARIABLE = "SLOW_DOWN"
FACTOR = 4 / 3


def pytest_configure() -> None:
    """Replace the ``fit`` of the class named in the environment, ``package.module:Class``."""
    module, _, name = os.environ[VARIABLE].partition(":")
    cls = getattr(importlib.import_module(module), name)
    original = cls.fit

    @wraps(original)
    def slower_fit(*arguments: Any, **options: Any) -> Any:
        started = time.process_time()
        fitted = original(*arguments, **options)
        end = started + FACTOR * (time.process_time() - started)
        while time.process_time() < end:
            pass
        return fitted

    cls.fit = slower_fit

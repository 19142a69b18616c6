"""The compiled kernels, made before the test processes start: each would compile all of them, and at the same time."""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pkgutil import iter_modules

from bench.machine.processor_time import usable_cores
from recommenders import kernels

COMPILED = [
    "protocol.evaluation.full_ranking",
    *(f"{kernels.__name__}.{each.name}" for each in iter_modules(kernels.__path__)),
]


def compile_all() -> None:
    """Import every module of kernels, in as many processes as there are cores; what numba compiles stays on disk."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(usable_cores() or 1, mp_context=context) as pool:
        list(pool.map(_compile, COMPILED))


def _compile(module: str) -> None:
    importlib.import_module(module)

"""The instructions that numerical code uses here: the processor's, as compilers and libraries see it."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

_LEVELS = {
    "x86-64-v2": ("cx16", "popcnt", "sse4.1", "sse4.2", "ssse3"),
    "x86-64-v3": ("avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"),
    "x86-64-v4": ("avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"),
}
"""What each level of x86-64 adds (System V Application Binary Interface, AMD64, 3.1.1), in LLVM's names."""

_OVERRIDES = (
    "NUMBA_CPU_NAME",
    "NUMBA_CPU_FEATURES",
    "NUMBA_ENABLE_AVX",
    "NUMBA_DISABLE_INTEL_SVML",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "ATEN_CPU_CAPABILITY",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
)
"""Environment variables by which a user has numba, NumPy, torch or MKL use other instructions."""


_PACKAGES = {"site-packages", "dist-packages"}


@cache
def instruction_set() -> str:
    """Return the level of the instructions, LLVM's name of the processor, and the BLAS's: what can change last bits.

    Numba compiles for the second. NumPy, torch and a BLAS choose their code by the first and the third. Variables that
    choose otherwise follow: ``"x86-64-v4, znver4, BLAS SkylakeX, NUMBA_CPU_NAME=generic"``.
    """
    from llvmlite import binding

    overrides = [f"{name}={os.environ[name]}" for name in _OVERRIDES if os.environ.get(name)]
    blas = [f"BLAS {name}" for name in blas_processor()]
    return ", ".join((_level(binding.get_host_cpu_features()), binding.get_host_cpu_name(), *blas, *overrides))


def blas_processor() -> list[str]:
    """Return the kind of processor that NumPy's BLAS computes for; empty where the BLAS does not say."""
    import numpy as np  # noqa: F401 - its BLAS must be loaded
    from threadpoolctl import threadpool_info

    loaded = {str(pool["filepath"]): pool for pool in threadpool_info() if pool["user_api"] == "blas"}
    own = [place for place in loaded if "numpy" in place]
    # Where NumPy brings none, as in conda's environments, it uses the one that belongs to no package.
    shared = [place for place in loaded if not _PACKAGES.intersection(Path(place).parts)]
    return [str(loaded[place]["architecture"]) for place in (own or shared)[:1] if loaded[place].get("architecture")]


def _level(features: dict[str, bool]) -> str:
    """Return the highest level of x86-64 of which all features exist; another machine's name as it is."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return platform.machine()
    found = "x86-64"
    for level, needed in _LEVELS.items():
        if not all(features.get(name, False) for name in needed):
            break
        found = level
    return found

"""What is said of the processor's instructions."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from llvmlite import binding

from bench.machine import instructions
from bench.machine.instructions import instruction_set

V2 = dict.fromkeys(("cx16", "popcnt", "sse4.1", "sse4.2", "ssse3"), True)
V3 = V2 | dict.fromkeys(("avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"), True)
V4 = V3 | dict.fromkeys(("avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"), True)


@pytest.mark.parametrize(
    ("features", "level"),
    [({}, "x86-64"), (V2, "x86-64-v2"), (V3 | {"fma": False}, "x86-64-v2"), (V3, "x86-64-v3"), (V4, "x86-64-v4")],
)
def test_the_level_needs_all_of_its_features(monkeypatch: pytest.MonkeyPatch, features, level: str) -> None:
    monkeypatch.setattr(instructions.platform, "machine", lambda: "x86_64")
    assert instructions._level(features) == level
    monkeypatch.setattr(instructions.platform, "machine", lambda: "aarch64")
    assert instructions._level(features) == "aarch64"


def test_it_names_the_processor_that_numba_compiles_for() -> None:
    assert binding.get_host_cpu_name() in instruction_set().split(", ")


def test_other_instructions_are_said() -> None:
    chosen = {"NUMBA_CPU_NAME": "generic", "OPENBLAS_CORETYPE": "Haswell"}
    code = "from bench.machine.instructions import instruction_set; print(instruction_set())"
    environment = {**os.environ, **chosen}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip().endswith("NUMBA_CPU_NAME=generic")
    if "BLAS" in instruction_set():
        assert "BLAS Haswell" in done.stdout


@pytest.mark.parametrize(
    ("places", "found"),
    [
        (["/env/lib/libopenblasp-r0.3.so"], ["/env/lib/libopenblasp-r0.3.so"]),
        (["/env/lib/python3.12/site-packages/scipy.libs/libblas.so", "/env/lib/libblas.so"], ["/env/lib/libblas.so"]),
        (
            ["/env/lib/libblas.so", "/env/lib/python3.12/site-packages/numpy.libs/libblas.so"],
            ["/env/lib/python3.12/site-packages/numpy.libs/libblas.so"],
        ),
        (["/env/lib/python3.12/site-packages/torch/lib/libblas.so"], []),
    ],
    ids=["conda", "conda beside SciPy's own", "NumPy's own", "another library's alone"],
)
def test_the_blas_is_the_one_that_numpy_uses(
    monkeypatch: pytest.MonkeyPatch, places: list[str], found: list[str]
) -> None:
    pools = [{"user_api": "blas", "filepath": place, "architecture": place} for place in places]
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: pools)
    assert instructions.blas_processor() == found

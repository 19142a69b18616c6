"""The machine and software of a measurement: processor, memory, BLAS, versions, commit, and threads of a job."""

from __future__ import annotations

import contextlib
import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.machine.instructions import blas_processor, instruction_set
from protocol.installation import commit, version

_CPUS = Path("/sys/devices/system/cpu")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")

_PACKAGES = ("numpy", "scipy", "numba", "torch")
"""Packages of others whose version can change a figure."""

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)

_BLAS_PATIENCE = {"OPENBLAS_THREAD_TIMEOUT": "4"}
"""For how many cycles, as a power of two, an idle thread of OpenBLAS looks for work before it sleeps. The default, some
milliseconds, takes a core from the code that follows a product; this is the smallest value that OpenBLAS accepts."""


def describe_environment() -> dict[str, Any]:
    """Return what a reader of a measurement should know about the machine, in JSON's types.

    Its fields are those of `bench.records.environment.Environment`.
    """
    return {
        "cpu": _processor(),
        "cores": physical_cores(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "blas": _blas(),
        "instructions": instruction_set(),
        "versions": versions(),
        "commit": commit(),
    }


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that can change a figure, by name.

    A package that is not installed has none: no figure can depend on it.
    """
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found | {"recbench": version()}


def thread_variables(n_threads: int) -> dict[str, str]:
    """Return the environment variables that limit numerical libraries to so many threads, which sleep when idle."""
    return {**dict.fromkeys(_THREAD_VARIABLES, str(n_threads)), **_BLAS_PATIENCE}


def physical_cores() -> int:
    """Return how many physical cores this process may use; two hyper-threads are one.

    Where the system does not say which those are, logical cores are counted. psutil is no help here: it counts the
    cores of the machine, not those that a process or its container may use.
    """
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    cores = {siblings(cpu) for cpu in usable}
    return max(1, min(len(cores), _cgroup_cores() or len(cores)))


def siblings(cpu: int) -> str:
    """Return the name of a logical core's physical one: all logical cores of it."""
    try:
        return siblings_file(cpu).read_text().strip()
    except OSError:
        return str(cpu)


def siblings_file(cpu: int) -> Path:
    """Return where Linux describes a logical core: its file names all logical cores of the physical one."""
    return _CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list"


def _cgroup_cores() -> int | None:
    """Return the whole cores that a container is allowed (cgroup v2); None for no limit."""
    try:
        quota, period = _CGROUP_LIMIT.read_text().split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else max(1, int(quota) // int(period))


def _processor() -> str:
    """Return the processor's model."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _memory_gib() -> int | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):
        return None


def _blas() -> str:
    """Return the BLAS that NumPy calls, with its version and the kind of processor that it computes for."""
    import numpy as np

    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return " ".join((str(built["name"]), str(built["version"]), *blas_processor()))

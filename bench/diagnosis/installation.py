"""The examination of ``recbench doctor``: one finding per line, with advice for those that are not ok."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from bench.findings import examined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.diagnosis.self_proof import Proof
    from bench.findings import Finding, Judgement


MIN_PYTHON = (3, 11)
SELF_TEST_DATASET = "synthetic:300x400x6000"


def examine() -> Iterator[Finding]:
    """Yield all findings, each as soon as it is known; an examination that breaks is itself a finding."""
    for name, examination in _EXAMINATIONS.items():
        yield examined(name, examination)


def _python() -> Judgement:
    found = f"{sys.version.split()[0]} at {sys.executable}"
    if sys.version_info < MIN_PYTHON:
        return "fail", f"{found}; install Python {'.'.join(map(str, MIN_PYTHON))} or newer"
    return "ok", found


def _packages() -> Judgement:
    names = (
        "numpy",
        "scipy",
        "pandas",
        "numba",
        "torch",
        "tabulate",
        "rich",
        "requests",
        "filelock",
        "threadpoolctl",
        "tomli-w",
        "msgspec",
        "psutil",
        "tqdm",
    )
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return "fail", f"missing: {', '.join(missing)}; install them with `pip install {' '.join(missing)}`"
    return "ok", ", ".join(found)


def _threads() -> Judgement:
    import numpy as np  # noqa: F401 - its BLAS is asked for below
    from threadpoolctl import threadpool_info

    from bench.machine.environment import physical_cores

    pools = {(pool["internal_api"], pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"}
    blas = ", ".join(f"{name} ({threads} threads)" for name, threads in sorted(pools)) or "unknown"
    cores = physical_cores()
    found = f"{cores} physical cores to use, BLAS {blas}"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > 0.5 * cores:
        return "warn", f"{found}; the machine is busy (load {load:.1f}), so times will be too long: wait for it to rest"
    return "ok", found


def _devices() -> Judgement:
    """Say what PyTorch sees; a machine without a device is as well as any other."""
    from bench.machine.devices.seen import torch_seen
    from bench.machine.memory import size_text

    seen = torch_seen()
    if not seen.devices:
        return "ok", f"the processor alone: {seen.problem}"
    lines = []
    for device in seen.devices:
        size = None if device.memory_mib is None else size_text(round(device.memory_mib * 2**20))
        driver = None if device.driver is None else f"driver {device.driver}"
        about = (device.name, size, device.runtime, driver)
        lines.append(f"{device.place} ({', '.join(part for part in about if part is not None)})")
    return "ok", f"PyTorch {seen.version} sees {'; '.join(lines)}"


def _memory_clock() -> Judgement:
    if Path("/proc/self/status").exists():
        return "ok", "peak memory from VmHWM"
    return "warn", "no /proc here, so peak memory comes from ru_maxrss and may include what was there before fit"


def _cache() -> Judgement:
    from protocol.folders import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return "fail", f"{folder} cannot be written ({error.strerror}); name another in RECBENCH_CACHE"
    return "ok", str(folder)


def _data() -> Judgement:
    from protocol.data.available import available_datasets

    (default,) = (dataset for dataset in available_datasets() if dataset.name == "ml-100k")
    if default.path is not None:
        return "ok", f"ml-100k at {default.path}"
    return (
        "warn",
        "ml-100k is not on this machine; `recbench run` fetches it, or name a folder with --data-dir",
    )


def _recommenders() -> Judgement:
    from bench.catalogue.recommenders import listed_recommenders

    listed = listed_recommenders()
    broken = [f"{one.entry.name} ({one.entry.origin}: {one.problem})" for one in listed if one.problem]
    if broken:
        return "warn", f"{len(broken)} of {len(listed)} will not load: {'; '.join(broken)}; mend or uninstall them"
    return "ok", f"{len(listed)} found, none broken"


def _pipeline() -> Judgement:
    """Run chance, a constant and an oracle through everything; their figures are known beforehand."""
    from bench.data import Data
    from bench.diagnosis.self_proof import prove

    with tempfile.TemporaryDirectory() as folder:
        return judge(prove(Data(SELF_TEST_DATASET), Path(folder)))


def judge(proofs: Sequence[Proof]) -> Judgement:
    """Say whether all figures are what they must be."""
    wrong = [proof for proof in proofs if not proof.holds]
    if wrong:
        advice = "this installation does not measure what it should: reinstall, or report it"
        return "fail", f"{'; '.join(map(str, wrong))}; {advice}"
    return "ok", "; ".join(map(str, proofs))


_EXAMINATIONS: dict[str, Callable[[], Judgement]] = {
    "python": _python,
    "packages": _packages,
    "threads": _threads,
    "devices": _devices,
    "memory": _memory_clock,
    "cache": _cache,
    "data": _data,
    "recommenders": _recommenders,
    "pipeline": _pipeline,
}

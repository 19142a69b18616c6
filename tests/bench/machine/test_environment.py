"""What is said of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.machine import environment
from bench.machine.environment import describe_environment, physical_cores, thread_variables
from bench.machine.memory import PeakMemory, peak_mib, reset_peak


def test_the_description_is_json_and_the_same_every_time() -> None:
    found = describe_environment()
    assert json.loads(json.dumps(found)) == found == describe_environment()
    assert set(found) == {"cpu", "cores", "memory_gib", "system", "blas", "instructions", "versions", "commit"}
    assert list(found["versions"]) == ["python", "numpy", "scipy", "numba", "torch", "recbench"]


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_PACKAGES", ("numpy", "no-such-package"))
    assert list(environment.versions.__wrapped__()) == ["python", "numpy", "recbench"]


def test_hyper_threads_of_one_core_count_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for cpu, siblings in enumerate(("0,2", "1,3", "0,2", "1,3")):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{siblings}\n")
    monkeypatch.setattr(environment, "_CPUS", tmp_path)
    monkeypatch.setattr(environment, "_CGROUP_LIMIT", tmp_path / "none")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    assert physical_cores() == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2}, raising=False)
    assert physical_cores() == 1


@pytest.mark.parametrize(
    ("limit", "cores"), [("max 100000", 8), ("250000 100000", 2), ("50000 100000", 1), ("900000 100000", 8)]
)
def test_a_container_has_the_cores_it_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: str, cores: int
) -> None:
    (tmp_path / "cpu.max").write_text(f"{limit}\n")
    monkeypatch.setattr(environment, "_CPUS", tmp_path / "unknown")
    monkeypatch.setattr(environment, "_CGROUP_LIMIT", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert physical_cores() == cores


@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_variables_hold_numpy_to_its_threads(n_threads: int) -> None:
    code = (
        "import numpy, threadpoolctl;"
        "print({pool['num_threads'] for pool in threadpoolctl.threadpool_info() if pool['user_api'] == 'blas'})"
    )
    variables = {**os.environ, **thread_variables(n_threads)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=variables)
    assert done.stdout.strip() == f"{{{min(n_threads, os.cpu_count() or 1)}}}"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux lets the peak begin anew")
def test_the_peak_is_that_since_the_reset() -> None:
    """P22."""
    block = bytearray(200 * 2**20)
    before = peak_mib()
    assert before >= 200
    del block
    reset_peak()
    assert peak_mib() < before - 150
    block = bytearray(100 * 2**20)
    low = peak_mib()
    del block
    assert peak_mib() == pytest.approx(low, abs=5), "a peak stays when the memory is given back"


def test_the_peak_of_a_process_that_was_started_counts() -> None:
    """P22: it is that of the largest process."""
    peak = PeakMemory()
    assert peak.mib() < peak.before_mib + 300
    larger = int(peak.before_mib) + 600
    subprocess.run([sys.executable, "-c", f"block = b'x' * ({larger} * 2**20)"], check=True)
    assert peak.mib() >= larger
    later = PeakMemory()
    assert later.mib() < larger, "what ran before does not count"

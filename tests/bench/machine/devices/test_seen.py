"""What PyTorch sees is found out without importing it here."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

import pytest

from bench.machine.devices import seen
from bench.machine.devices.device import Device

if TYPE_CHECKING:
    from pathlib import Path

CPU_BUILD = "from typing import Optional\n__version__ = '2.9.0+cpu'\ncuda: Optional[str] = None\nhip = None\n"
CUDA_BUILD = "__version__ = '2.9.0+cu128'\ncuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n"
ROCM_BUILD = "__version__ = '2.9.0+rocm'\ncuda = None\nhip = '6.4'\n"


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that installs a build of PyTorch of which only the versions are there."""
    monkeypatch.setattr(seen.sys, "platform", "linux")
    monkeypatch.setattr(seen, "AMD_DRIVER", tmp_path / "no driver")

    def install(versions: str | None) -> None:
        spec = ModuleSpec("torch", None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path)]
        (tmp_path / "version.py").write_text(versions or "")
        monkeypatch.setattr(seen, "find_spec", lambda _: None if versions is None else spec)
        seen.torch_seen.cache_clear()

    yield install
    seen.torch_seen.cache_clear()


def answering(monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str = "", code: int = 0) -> list[list[str]]:
    """Let the process that is started answer so; return the commands that start one."""
    started: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, code, stdout, stderr)

    monkeypatch.setattr(seen.subprocess, "run", run)
    return started


@pytest.mark.parametrize(
    ("versions", "problem"),
    [
        (None, "PyTorch is not installed; install torch"),
        (CPU_BUILD, "PyTorch 2.9.0+cpu is a build for the processor alone"),
        (CUDA_BUILD, "PyTorch 2.9.0+cu128 is built for CUDA 12.8, and there is no NVIDIA driver here"),
        (ROCM_BUILD, "PyTorch 2.9.0+rocm is built for ROCm 6.4, and there is no AMD driver here"),
    ],
)
def test_no_process_is_started_where_the_build_or_the_driver_says_enough(
    build: Any, monkeypatch: pytest.MonkeyPatch, versions: str | None, problem: str
) -> None:
    build(versions)
    monkeypatch.setattr(seen, "_loads", lambda _: False)
    started = answering(monkeypatch, "")
    found = seen.torch_seen()
    assert (found.devices, found.problem, started) == ((), problem, [])


def test_a_build_with_a_driver_is_asked_once(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build(CUDA_BUILD)
    monkeypatch.setattr(seen, "_loads", lambda _: True)
    answer = '{"devices": [{"kind": "cuda", "index": 0, "name": "A", "memory_mib": 80.0}], "reason": ""}'
    started = answering(monkeypatch, f"a line of a plug-in\n{answer}\n")
    assert seen.torch_seen().devices == (Device("cuda", 0, "A", 80.0),)
    assert seen.torch_seen().problem == ""
    assert len(started) == 1


@pytest.mark.parametrize(
    ("stdout", "stderr", "problem"),
    [
        (
            '{"devices": [], "reason": "CUDA error"}',
            "",
            "PyTorch 2.9.0+cu128 sees no device: CUDA error",
        ),
        ("", "Traceback\nOSError: libcudart", "could not be asked for its devices: OSError: libcudart"),
        ("", "", "could not be asked for its devices: exit code 3"),
    ],
)
def test_why_there_is_none_is_said(
    build: Any, monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str, problem: str
) -> None:
    build(CUDA_BUILD)
    monkeypatch.setattr(seen, "_loads", lambda _: True)
    answering(monkeypatch, stdout, stderr, 3)
    assert problem in seen.torch_seen().problem


def test_a_driver_that_does_not_answer_does_not_stop_the_run(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], *, timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    build(CUDA_BUILD)
    monkeypatch.setattr(seen, "_loads", lambda _: True)
    monkeypatch.setattr(seen.subprocess, "run", hang)
    assert "did not say within 120 s" in seen.torch_seen().problem


def test_asking_on_this_machine_imports_no_torch() -> None:
    code = "from bench.machine.devices.seen import torch_seen; torch_seen(); import sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

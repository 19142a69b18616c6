"""The devices that PyTorch sees. Asking does not import it here: it takes seconds, and most runs need none of it."""

from __future__ import annotations

import ast
import ctypes
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bench.machine.devices.device import Device

PATIENCE_SECONDS = 120.0
"""Of waiting for PyTorch's answer: a machine with many devices may need a minute to wake its driver."""

AMD_DRIVER = Path("/dev/kfd")
"""Exists where Linux has the driver of AMD's devices."""


@dataclass(frozen=True)
class Torch:
    """What the installed PyTorch sees.

    Parameters
    ----------
    version
        None where it is not installed.
    devices
        Besides the processor.
    problem
        Why there are none, as a message continues: "PyTorch 2.9.0 is a build for the processor alone".
    """

    version: str | None
    devices: tuple[Device, ...] = ()
    problem: str = ""

    def of_kind(self, kind: str) -> tuple[Device, ...]:
        """Return the devices of a kind, by ascending index."""
        return tuple(device for device in self.devices if device.kind == kind)


@cache
def torch_seen() -> Torch:
    """Return what PyTorch sees on this machine, asked once.

    Where the build or the missing driver already say that there is no device, no process is started.
    """
    spec = find_spec("torch")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        return Torch(None, problem="PyTorch is not installed; install torch")
    about = _constants(Path(folders[0], "version.py"))
    version = about.get("__version__") or "of an unknown version"
    problem = _no_device(about, sys.platform)
    return Torch(version, problem=f"PyTorch {version} {problem}") if problem else _asked(version)


def _constants(module: Path) -> dict[str, str | None]:
    """Return the texts that a module gives names to; it is read, not run. Empty where it cannot be read."""
    try:
        tree = ast.parse(module.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return {}
    found = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, str)):
            found.update({target.id: value.value for target in targets if isinstance(target, ast.Name)})
    return found


def _no_device(about: dict[str, str | None], platform: str) -> str:
    """Return why no device can be seen, as `Torch.problem` ends; empty where PyTorch has to be asked."""
    if platform == "darwin" or not about:
        return ""
    if about.get("cuda"):
        return (
            "" if _loads("libcuda.so.1") else f"is built for CUDA {about['cuda']}, and there is no NVIDIA driver here"
        )
    if about.get("hip"):
        return "" if AMD_DRIVER.exists() else f"is built for ROCm {about['hip']}, and there is no AMD driver here"
    return "is a build for the processor alone"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _asked(version: str) -> Torch:
    """Ask PyTorch in a process of its own."""
    command = [sys.executable, "-P", "-c", "from bench.machine.devices.report import main; main()"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Torch(version, problem=f"PyTorch {version} did not say within {PATIENCE_SECONDS:g} s what it sees")
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
        devices, reason = tuple(Device(**device) for device in answer["devices"]), str(answer["reason"])
    except (IndexError, KeyError, TypeError, ValueError):
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Torch(version, problem=f"PyTorch {version} could not be asked for its devices: {said}")
    return Torch(version, devices, "" if devices else f"PyTorch {version} sees no device{reason and f': {reason}'}")

"""The short process that asks PyTorch which devices it sees, and prints the answer as JSON."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from typing import Any

from bench.machine.devices.device import Device


def main() -> None:
    """Print the devices, or the reason why there are none."""
    import warnings

    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        devices = [*_cuda(torch), *_mps(torch)]
    reason = str(said[-1].message).splitlines()[0] if said and not devices else ""
    print(json.dumps({"devices": [asdict(device) for device in devices], "reason": reason}))


def _cuda(torch: Any) -> list[Device]:
    """Return the devices that PyTorch reaches by CUDA or ROCm."""
    if not torch.cuda.is_available():
        return []
    runtime = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
    driver = None if torch.version.hip else _nvidia_driver()
    found = []
    for index in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(index)
        found.append(Device("cuda", index, about.name, about.total_memory / 2**20, runtime, driver))
    return found


def _mps(torch: Any) -> list[Device]:
    """Return Apple's device, of which there is one at most; its memory is the processor's."""
    return [Device("mps", None, "Apple GPU", runtime="Metal")] if torch.backends.mps.is_available() else []


def _nvidia_driver() -> str | None:
    """Return the version of NVIDIA's driver; None where its own program does not say."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.split()), None)

"""The process that asks PyTorch says what it sees."""

from __future__ import annotations

import json

import pytest
from fake_torch import fake_torch

from bench.machine.devices import report


@pytest.mark.parametrize("n_devices", [0, 2])
def test_each_device_is_named(
    n_devices: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_nvidia_driver", lambda: "550.1")
    with fake_torch(n_devices):
        report.main()
    assert json.loads(capsys.readouterr().out) == {
        "devices": [
            {"kind": "cuda", "index": index, "name": f"FAKE {index}", "memory_mib": 1024.0, "runtime": "CUDA 12.8",
             "driver": "550.1"}
            for index in range(n_devices)
        ],
        "reason": "",
    }  # fmt: skip


def test_apple_s_device_is_one_without_memory(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with fake_torch(0) as torch:
        torch.backends.mps.is_available = lambda: True
        report.main()
    (device,) = json.loads(capsys.readouterr().out)["devices"]
    assert (device["kind"], device["index"], device["memory_mib"]) == ("mps", None, None)

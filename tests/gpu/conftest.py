"""Tests of this folder need a CUDA device; elsewhere they are skipped, and say why there is none."""

from __future__ import annotations

import pytest

from bench.machine.devices.seen import torch_seen


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not torch_seen().of_kind("cuda"):
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=f"needs a CUDA device: {torch_seen().problem}"))

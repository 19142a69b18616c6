"""What a job's process sees of devices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.machine.devices.variables import device_variables
from bench.records.store import Store
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from bench.running.plan import Job

SOURCE = """
import json, os

class Tells:
    deterministic = True
    def __init__(self, note: str = ""):
        self.note = note
    def fit(self, train, *, rng):
        with open(self.note, "w") as note:
            json.dump(dict(os.environ), note)
        return self
    def score(self, users, items):
        return items * 1.0
"""


def test_a_job_on_the_processor_sees_no_device(
    plan: Callable[..., list[Job]],
    plugin: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    (job,) = plan([f"tells:note={tmp_path / 'note'}"], [plugin(SOURCE)])
    (record,) = run_jobs([job], Store(tmp_path / "out"), timeout=60, progress=Silence())
    assert record.failure is None
    seen = json.loads((tmp_path / "note").read_text())
    assert (seen["CUDA_VISIBLE_DEVICES"], seen["HIP_VISIBLE_DEVICES"]) == ("-1", "-1")


def test_a_job_on_a_device_sees_what_its_user_lets_it_see_and_computes_products_in_one_order() -> None:
    assert device_variables(on_device=True) == {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}

"""The key of a job: a record of the processor keeps the key that it had before there were devices."""

from __future__ import annotations

from typing import Any

from bench.records.device import RecordedDevice
from bench.records.inputs import job_key
from bench.records.recommender import RecordedRecommender

MINE = RecordedRecommender(
    name="mine",
    label="mine:reg=2",
    reference="mine.py:Mine",
    origin="file",
    parameters={"reg": 2},
    deterministic=False,
    iterative=True,
    source_sha256="5" * 64,
)


def key(**options: Any) -> str:
    job: dict[str, Any] = {
        "task": "a" * 64,
        "validation": None,
        "patience": None,
        "full": True,
        "seed": 3,
        "threads": 2,
        "versions": {"python": "3.11.9"},
        "instructions": "avx2",
    }
    return job_key(MINE, **{**job, **options})


def test_the_key_of_the_processor_is_that_of_earlier_versions() -> None:
    """Computed by the version before devices."""
    assert key() == "2c60a40e026da93b77a0a2ca6f129fb506e16b2e738f8e7e67cb117a365bd62f"


def test_each_part_of_a_device_that_decides_gives_a_key_of_its_own() -> None:
    device = {"kind": "cuda", "name": "A", "runtime": "CUDA 12.8", "precision": "float32"}
    others = [{"kind": "mps"}, {"name": "B"}, {"runtime": "CUDA 13.0"}, {"precision": "bf16"}, {"tf32": True}]
    keys = {key(device=RecordedDevice(**{**device, **other})) for other in ({}, *others)}
    assert len(keys | {key()}) == 7

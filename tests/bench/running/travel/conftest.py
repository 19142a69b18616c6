"""What tests of travelling jobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.running.supervisor import Limits
from bench.running.travel.blobs import Blobs
from bench.running.travel.parcel import Packing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job

LIMITS = Limits(60.0, None)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """Return an empty folder of blobs."""
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def parcel_of(blobs: Blobs) -> Callable[[Job], bytes]:
    """Return a function that packs a job, with its files in `blobs`."""
    return lambda job: Packing(blobs, LIMITS, keeps_models=False).parcel(job).encoded()

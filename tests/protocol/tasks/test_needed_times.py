"""Data without times are refused where a split needs the latest interaction; ties of a real clock are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from protocol.data.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.tasks.task import build_task, build_validation_task

USERS = np.repeat(np.arange(6), 6)
ITEMS = (np.arange(36) * 7) % 30
TIED = Dataset.from_arrays("tied", USERS, ITEMS, np.zeros(36, np.int64))
"""All at one time of a clock: nothing says that the times are unknown."""

TIMELESS = replace(TIED, times="none")


@pytest.mark.parametrize("split", ["last", "time:0.5"])
@pytest.mark.parametrize("build", [build_task, build_validation_task])
def test_without_times_no_interaction_is_the_latest(build, split: str) -> None:
    with pytest.raises(ProtocolError, match=r"tied has no times, so that it is unknown which .* --split random:0"):
        build(TIMELESS, split=split, n_negatives=5)


def test_ties_of_a_clock_are_ordered_as_before() -> None:
    assert build_task(TIED, n_negatives=5).facts["n_tied_users"] == 6

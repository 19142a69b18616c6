"""A user is found by the id that the data have, and by no other spelling of a number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.analysis.recommending.users import user_index
from protocol.errors import DatasetError

NUMBERED: Any = SimpleNamespace(name="numbered", user_ids=np.array([-3, 7, 10, 12]))


@pytest.mark.parametrize(("user", "place"), [("10", 2), (10, 2), (np.int32(7), 1), ("+7", 1), ("-3", 0), ("0012", 3)])
def test_a_number_is_found(user: object, place: int) -> None:
    assert user_index(NUMBERED, user) == place


@pytest.mark.parametrize(
    "user", ["1_0", " 10", "10 ", "10\n", "\u0661\u0660", "\uff11\uff10", "10.0", 10.0, True, "", "9" * 5000, b"10"]
)
def test_what_only_python_reads_as_a_number_is_not(user: object) -> None:
    with pytest.raises(DatasetError, match=r"numbered has no user .*whole numbers as ids, such as -3, 7, 10"):
        user_index(NUMBERED, user)

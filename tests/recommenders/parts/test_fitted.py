"""The state of a fitted model, or an error that says what to do."""

from __future__ import annotations

import numpy as np
import pytest

from protocol.errors import NotFittedError
from recommenders.parts.fitted import fitted


def test_a_state_is_passed_on() -> None:
    state = np.zeros(0)
    assert fitted(object(), state) is state


def test_none_is_an_error() -> None:
    with pytest.raises(NotFittedError, match=r"object was asked .* call fit\(train, rng=\.\.\.\) first"):
        fitted(object(), None)

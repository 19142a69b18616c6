"""What a recommender warns of is noted once; other warnings are not, and all are shown."""

from __future__ import annotations

import warnings

import pytest

from bench.running.warned import noted_warnings
from protocol.errors import RecbenchWarning


def test_a_warning_for_readers_is_noted_once_and_all_are_shown() -> None:
    def warn_of_all() -> list[str]:
        with noted_warnings() as noted:
            for _ in range(2):
                warnings.warn("it forgets half of the items", RecbenchWarning, stacklevel=1)
            warnings.warn("a division by zero", RuntimeWarning, stacklevel=1)
        return noted

    with pytest.warns((RecbenchWarning, RuntimeWarning)) as shown:
        noted = warn_of_all()
    assert noted == ["it forgets half of the items"]
    assert {warning.category for warning in shown} == {RecbenchWarning, RuntimeWarning}


def test_what_is_warned_of_later_is_not_noted() -> None:
    with noted_warnings() as noted:
        pass
    with pytest.warns(RecbenchWarning):
        warnings.warn("too late", RecbenchWarning, stacklevel=1)
    assert noted == []

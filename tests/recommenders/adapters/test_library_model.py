"""The base of the adapters of libraries, with a class of the standard library in place of another library's."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.adapters.cornac.base import UserByUser
from recommenders.adapters.library_model import LibraryModel


@dataclass
class Adapter(LibraryModel):
    libraries: ClassVar[tuple[str, ...]] = ("another-library", "fractions")
    module: ClassVar[str] = "fractions"
    model: ClassVar[str] = "Fraction"

    k: int = 3

    def fit(self, train, *, rng): ...


def test_the_librarys_class_is_the_one_that_is_named() -> None:
    assert Adapter.library_class() is Fraction


def test_building_a_model_imports_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fractions")
    Adapter()
    assert "fractions" in sys.modules


def test_the_last_of_the_libraries_is_the_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adapter, "module", "no_such_module")
    with pytest.raises(RecommenderError, match=r"^fractions is not installed"):
        Adapter()


class RowOfUser:
    """A model that scores user ``u``'s item ``i`` as ``10 u + i``, for one item more than the training set has."""

    def score(self, user: int):
        return np.array([[10 * user, 10 * user + 1, 10 * user + 2, 10 * user + 3]])


def test_a_model_of_cornac_is_asked_user_by_user() -> None:
    scorer = UserByUser(RowOfUser(), n_items=3)
    users = np.array([4, 0], np.int32)
    assert scorer.score(users, np.array([[2, 2], [0, 1]], np.int32)).tolist() == [[42, 42], [0, 1]]
    assert scorer.score_all(users).tolist() == [[40, 41, 42], [0, 1, 2]]

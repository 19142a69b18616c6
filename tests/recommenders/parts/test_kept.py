"""Every built-in can be kept in a folder; what is loaded from there scores the same, to the bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from protocol.contract import Keepable
from protocol.errors import NotFittedError, RecommenderError
from recommenders import registry
from recommenders.parts.kept import STATE_FILE

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [name for name, entry in registry.entries().items() if entry.origin == "built-in"]


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_model_scores_the_same_to_the_bit(small, checkerboard, tmp_path: Path, name: str) -> None:
    fitted = small(name).fit(checkerboard, rng=np.random.default_rng(3))
    assert isinstance(fitted, Keepable)
    fitted.save(tmp_path)
    new = small(name)
    assert new.load(tmp_path) is new
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    items = np.tile(np.arange(7, dtype=np.int32)[::-1], (users.size, 1))
    for found, expected in (
        (new.score(users, items), fitted.score(users, items)),
        (new.score_all(users), fitted.score_all(users)),
    ):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_what_is_kept_is_one_file_without_a_pickle(small, checkerboard, tmp_path: Path) -> None:
    small("mlp").fit(checkerboard, rng=np.random.default_rng(0)).save(tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == STATE_FILE == "state.safetensors"


def test_an_unfitted_model_is_not_kept(small, tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="before it was fitted"):
        small("als").save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_another_models_state_is_refused(small, checkerboard, tmp_path: Path) -> None:
    small("mf").fit(checkerboard, rng=np.random.default_rng(0)).save(tmp_path)
    with pytest.raises(RecommenderError, match="holds the state of MF, expected that of ALS"):
        small("als").load(tmp_path)

"""A stored module, loaded into a new recommender, gives the same scores."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from modules_to_train import OwnWay, PostMLP, TwoTower

from protocol.errors import NotFittedError, RecommenderError
from recommenders.modules.stored import STATE

USERS = np.arange(40, dtype=np.int32)
ITEMS = np.tile(np.arange(30, dtype=np.int32), (40, 1))


class Tied(TwoTower):
    """Two names of one parameter, and a buffer."""

    def __init__(self, n_users: int, n_items: int) -> None:
        super().__init__(n_users, n_items)
        self.again = self.items
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, users, items):
        return self.scale * (self.users(users) * self.again(items)).sum(-1)


@pytest.mark.parametrize("module_class", [TwoTower, PostMLP, OwnWay, Tied])
def test_it_gives_the_same_scores(model_of, checkerboard, tmp_path, module_class: type) -> None:
    model = model_of(module_class).fit(checkerboard, rng=np.random.default_rng(0))
    model.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [STATE]
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    new = model_of(module_class)
    assert new.load(tmp_path) is new
    assert torch.equal(torch.rand(1), expected)
    np.testing.assert_array_equal(new.score(USERS, ITEMS), model.score(USERS, ITEMS))
    np.testing.assert_array_equal(new.score_all(USERS), model.score_all(USERS))


def test_only_what_is_fitted_is_stored(model_of, tmp_path) -> None:
    with pytest.raises(NotFittedError):
        model_of(TwoTower).save(tmp_path)


def test_there_is_none(model_of, tmp_path) -> None:
    with pytest.raises(RecommenderError, match=r"state.safetensors holds no trained module"):
        model_of(TwoTower).load(tmp_path)


def test_a_damaged_file(model_of, tmp_path) -> None:
    (tmp_path / STATE).write_bytes(b"nothing of the kind")
    with pytest.raises(RecommenderError, match=r"state.safetensors holds no trained module"):
        model_of(TwoTower).load(tmp_path)


def test_that_of_another_module(model_of, checkerboard, tmp_path) -> None:
    model_of(TwoTower).fit(checkerboard, rng=np.random.default_rng(0)).save(tmp_path)
    with pytest.raises(RecommenderError, match=r"the stored parameters do not fit TwoTower: .*size mismatch"):
        model_of(TwoTower, embedding_size=5).load(tmp_path)


def test_a_state_that_is_no_tensor(model_of, checkerboard, tmp_path) -> None:
    class Keeping(TwoTower):
        def get_extra_state(self):
            return {"anything": 1}

        def set_extra_state(self, state):
            pass

    model = model_of(Keeping, epochs=1).fit(checkerboard, rng=np.random.default_rng(0))
    with pytest.raises(RecommenderError, match="Keeping keeps _extra_state in its state_dict, a dict; only tensors"):
        model.save(tmp_path)

"""Logits of all items: the items as one row, where a module takes them so."""

from __future__ import annotations

import pytest
import torch
from modules_to_train import PostMLP, TwoTower, WeightedProduct

from protocol.errors import RecommenderError
from recommenders.modules import scoring
from recommenders.modules.scoring import AllLogits, pair_logits

N_USERS, N_ITEMS = 5, 7
USERS = torch.tensor([3, 0, 4])


class OneShape(TwoTower):
    """Takes a row of items for each user only."""

    def forward(self, users, items):
        return super().forward(users.expand_as(items), items)


class FirstUser(TwoTower):
    """Takes one row of items for that of the first user."""

    def forward(self, users, items):
        return super().forward(users[: len(items)].expand(len(users), -1), items)


class Dropping(TwoTower):
    """Gives random logits in training only."""

    def forward(self, users, items):
        return torch.dropout(super().forward(users, items), 0.5, self.training)


class Spy:
    """The numbers of rows of items that a module got."""

    def __init__(self, module) -> None:
        self.rows: list[int] = []
        module.register_forward_pre_hook(lambda _, given: self.rows.append(len(given[1])))


@pytest.mark.parametrize(
    ("module_class", "rows"),
    [(TwoTower, 1), (PostMLP, 1), (WeightedProduct, 1), (Dropping, 1), (OneShape, 3), (FirstUser, 3)],
)
@pytest.mark.parametrize("pairs", [9, 2**17])
def test_a_module_that_takes_one_row_of_items_gets_one(module_class, rows: int, pairs: int, monkeypatch) -> None:
    monkeypatch.setattr(scoring, "PAIRS", pairs)
    module = module_class(N_USERS, N_ITEMS).eval()
    expected = pair_logits(module, USERS[:, None], torch.arange(N_ITEMS).expand(len(USERS), -1))
    spy, all_logits = Spy(module), AllLogits(module, N_ITEMS)
    torch.testing.assert_close(all_logits(USERS), expected)
    tried = spy.rows[: len(spy.rows) - -(-N_ITEMS // max(1, pairs // 3))]
    assert len(tried) in (1, 2)  # without the second where the first raised
    assert set(spy.rows[len(tried) :]) == {rows}
    spy.rows.clear()
    all_logits(USERS)
    assert set(spy.rows) == {rows}


@pytest.mark.parametrize("is_training", [True, False])
def test_trying_leaves_the_module_in_its_mode_and_torchs_stream_where_it_was(is_training: bool) -> None:
    module = Dropping(N_USERS, N_ITEMS).train(is_training)
    state = torch.get_rng_state()
    assert scoring.takes_one_row(module, USERS, N_ITEMS)
    assert module.training is is_training
    assert torch.equal(torch.get_rng_state(), state)


def test_one_user_is_not_tried_with() -> None:
    module = TwoTower(N_USERS, N_ITEMS)
    spy, all_logits = Spy(module), AllLogits(module, N_ITEMS)
    assert all_logits(USERS[:1]).shape == (1, N_ITEMS)
    assert spy.rows == [1]


def test_an_answer_of_the_wrong_shape_is_named_as_before() -> None:
    class Wide(TwoTower):
        def forward(self, users, items):
            return super().forward(users, items)[..., None]

    with pytest.raises(RecommenderError, match=r"Wide.forward returned a tensor \(3, 7, 1\) for users \(3, 1\)"):
        AllLogits(Wide(N_USERS, N_ITEMS), N_ITEMS)(USERS)

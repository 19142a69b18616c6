"""The size of a module is counted without building it, and closed forms agree with the networks themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.errors import RecommenderError
from protocol.train_facts import TrainFacts
from recommenders import registry
from recommenders.modules import batches, blockwise, footprint, history_scoring, scoring, sequences
from recommenders.modules.footprint import size_of
from recommenders.modules.wrapping import recommender_class

FACTS = TrainFacts(40, 30, 500, 20, 9000, 9000, 40, 10, ranks_all=True, n_scores=1200, threads=1)
IN_TORCH = ["torch.mf", "torch.gmf", "torch.mlp", "torch.neumf", "torch.mlp_post", "sasrec"]


@pytest.mark.parametrize("name", IN_TORCH)
def test_a_closed_form_counts_what_the_network_has(name: str) -> None:
    model = registry.new(registry.find(name), {})
    assert model._size(FACTS).n_weights == size_of(model.new_module(FACTS.n_users, FACTS.n_items)).n_weights


def test_the_blocks_are_those_of_the_modules_that_load_torch() -> None:
    assert (footprint.PAIRS, footprint.BLOCK, footprint.SCORES) == (scoring.PAIRS, batches.BLOCK, blockwise.SCORES)
    assert (footprint.VALUES, footprint.USERS) == (history_scoring.VALUES, history_scoring.USERS)
    assert sequences.POSITIONS == footprint.POSITIONS


def pair_module(width: int):
    from torch import nn

    class Pairs(nn.Module):
        def __init__(self, n_users: int, n_items: int, size: int = width) -> None:
            super().__init__()
            self.users, self.items = nn.Embedding(n_users, size), nn.Embedding(n_items, size)

        def forward(self, users, items):
            return (self.users(users) * self.items(items)).sum(-1)

    return recommender_class(Pairs)


def test_a_bare_module_needs_more_the_more_users_and_the_longer_its_vectors() -> None:
    model = pair_module(64)()
    needed = model.resources(FACTS)
    many = replace(FACTS, n_users=10**9)
    assert model.resources(many) > 4 * 10**9 * 64 * 4 > needed
    assert pair_module(640)().resources(many) > 9 * model.resources(many)


def test_plain_descent_keeps_no_means() -> None:
    cls, many = pair_module(64), replace(FACTS, n_users=10**8)
    assert cls(optimizer="sgd").resources(many) < 0.7 * cls(optimizer="adam").resources(many)


def test_on_another_device_the_parameters_are_there() -> None:
    cls, many = pair_module(64), replace(FACTS, n_users=10**8)
    assert cls(device="cuda").resources(many) < 0.5 * cls().resources(many)


def test_a_module_that_needs_values_to_be_built_says_so() -> None:
    from torch import nn

    class Reads(nn.Module):
        def __init__(self, n_users: int, n_items: int) -> None:
            super().__init__()
            self.users, self.items = nn.Embedding(n_users, 2), nn.Embedding(n_items, 2)
            self.scale = float(self.users.weight.sum())

        def forward(self, users, items):
            return (self.users(users) * self.items(items)).sum(-1)

    with pytest.raises(RecommenderError, match="Reads cannot be built on torch's device 'meta'"):
        recommender_class(Reads)().resources(FACTS)


def test_histories_need_more_the_longer_they_may_be() -> None:
    long = replace(FACTS, longest_history=10**6)
    model = registry.new(registry.find("sasrec"), {})
    assert replace(model, max_length=4000).resources(long) > 5 * replace(model, max_length=400).resources(long)

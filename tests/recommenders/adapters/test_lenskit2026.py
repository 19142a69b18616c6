"""LensKit 2026 as a program: parameters as those of the extra, scores as made by hand or by ours."""

from __future__ import annotations

import numpy as np
import pytest
from programs import program_of, skip_without_environment

from recommenders import registry

NAMES = ["implicit_mf", "ease", "slim", "item_knn", "user_knn", "popularity"]
CHANGED = {"implicit_mf": {"embedding_size": 64}, "slim": {"max_nbrs": 0}}
"""What differs from the extra's: a default that LensKit 2026 changed, and one that TOML cannot hold."""


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_parameters_and_the_search_space_of_the_extra(name: str) -> None:
    program, extra = program_of(f"lenskit2026.{name}"), registry.load_class(registry.find(f"lenskit.{name}"))
    described = registry.describe(extra, {})
    defaults = {key: parameter.default for key, parameter in described.parameters.items()}
    assert dict(program.parameters) == defaults | CHANGED.get(name, {})
    assert program.deterministic == described.deterministic
    assert dict(program.search_space) == (extra.search_space() if hasattr(extra, "search_space") else {})


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ease_is_ours(checkerboard) -> None:
    skip_without_environment("lenskit2026.ease")
    theirs = registry.new(registry.find("lenskit2026.ease"), {"regularization": 20.0})
    ours = registry.new(registry.find("ease"), {"reg": 20.0}).fit(checkerboard, rng=np.random.default_rng(0))
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    scores = theirs.fit(checkerboard, rng=np.random.default_rng(0)).score_all(users)
    np.testing.assert_allclose(scores, ours.score_all(users), rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_neighbours_are_summed(interactions_of) -> None:
    """Users 0 and 1 share items 0 and 1; of user 2, who has item 0 alone, item 1's neighbour is item 0: 2 / (√3 √2).

    Item 2 and user 3 have no interaction; an item may be asked for twice.
    """
    skip_without_environment("lenskit2026.item_knn")
    train = interactions_of([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], 4, 3)
    model = registry.new(registry.find("lenskit2026.item_knn"), {}).fit(train, rng=np.random.default_rng(0))
    scores = model.score(np.array([2, 0, 3], np.int32), np.array([[1, 2, 1], [0, 1, 2], [0, 1, 2]], np.int32))
    similarity = 2 / np.sqrt(6)
    np.testing.assert_allclose(scores, [[similarity, 0, similarity], [similarity, similarity, 0], [0, 0, 0]], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("name", "parameters"), [("implicit_mf", {"embedding_size": 4}), ("slim", {}), ("user_knn", {})]
)
def test_it_learns(checkerboard, sees_the_board, name: str, parameters: dict[str, object]) -> None:
    skip_without_environment(f"lenskit2026.{name}")
    model = registry.new(registry.find(f"lenskit2026.{name}"), parameters)
    assert sees_the_board(model.fit(checkerboard, rng=np.random.default_rng(0))) > 0.8


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_popularity_orders_items_by_their_interactions(interactions_of) -> None:
    """Items 0, 1 and 2 have three, two and one of six interactions: the quantiles are 1, 3/6 and 1/6."""
    skip_without_environment("lenskit2026.popularity")
    train = interactions_of([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)], 3, 4)
    model = registry.new(registry.find("lenskit2026.popularity"), {}).fit(train, rng=np.random.default_rng(0))
    np.testing.assert_allclose(model.score_all(np.array([1], np.int32)), [[1, 1 / 2, 1 / 6, 0]], rtol=1e-6)

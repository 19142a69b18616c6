"""The scores are cornac's own: those of its `score` for the same model."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import registry

cornac = pytest.importorskip("cornac", reason="cornac is not installed; it comes with the extra cornac")


def test_scores_are_the_librarys(checkerboard) -> None:
    model = registry.new(registry.find("cornac.bpr"), {"k": 6, "max_iter": 20})
    model.fit(checkerboard, rng=np.random.default_rng(3))
    seed = int(np.random.default_rng(3).integers(2**31))
    triples = [(int(user), int(item), 1.0) for user, item in zip(checkerboard.users, checkerboard.items, strict=True)]
    users, items = ({index: index for index in range(n)} for n in (40, 30))
    data = cornac.data.Dataset.build(triples, global_uid_map=users, global_iid_map=items, seed=seed)
    oracle = cornac.models.BPR(k=6, max_iter=20, seed=seed, verbose=False).fit(data)
    asked = np.array([[5, 0, 5], [29, 29, 3]], np.int32)
    expected = [[oracle.score(user, item) for item in row] for user, row in zip((4, 31), asked.tolist(), strict=True)]
    np.testing.assert_allclose(model.score(np.array([4, 31], np.int32), asked), expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["cornac.gmf", "cornac.mlp", "cornac.neumf"])
def test_a_user_of_every_item_is_no_endless_search_for_another(interactions_of, name: str) -> None:
    train = interactions_of([(0, 0), (0, 1), (0, 2), (1, 1)], 2, 3)
    model = registry.new(registry.find(name), {"num_epochs": 1}).fit(train, rng=np.random.default_rng(0))
    scores = model.score_all(np.array([0, 1], np.int32))
    assert scores.shape == (2, 3)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("cornac.bpr", {"learning_rate": 0.05}),
        ("cornac.ease", {"lamb": 10.0}),
        ("cornac.neumf", {"lr": 0.01, "batch_size": 32}),
        ("cornac.vaecf", {"learning_rate": 0.01}),
    ],
)
def test_it_learns(checkerboard, sees_the_board, name: str, parameters: dict) -> None:
    model = registry.new(registry.find(name), parameters).fit(checkerboard, rng=np.random.default_rng(0))
    assert sees_the_board(model) > 0.8

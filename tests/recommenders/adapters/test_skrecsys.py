"""The scores are skrecsys's own: those of its `predict`. Where it has a model of ours, they are also those of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommenders import registry

pytest.importorskip("skrecsys", reason="skrecsys is not installed; it comes with the extra skrecsys")

PARAMETERS: dict[str, dict[str, Any]] = {
    "skrecsys.ease": {"l2_reg": 20.0},
    "skrecsys.slim": {"alpha": 0.01, "n_neighbors": 8},
    "skrecsys.rp3beta": {"n_neighbors": 12, "alpha": 0.7},
    "skrecsys.item_knn": {"n_neighbors": 9, "shrink": 2.0},
    "skrecsys.bm25": {"n_neighbors": 9, "k1": 2.0},
    "skrecsys.bpr": {"n_factors": 4, "max_iter": 50},
    "skrecsys.popularity": {},
}


def fitted(name: str, parameters: dict[str, Any], train: Any) -> Any:
    return registry.new(registry.find(name), parameters).fit(train, rng=np.random.default_rng(3))


@pytest.mark.parametrize("name", PARAMETERS)
def test_scores_are_the_librarys(interactions_of, checkerboard, name: str) -> None:
    """Also where our indices are not the library's: it does not know item 2 and user 5."""
    pairs = zip(checkerboard.users.tolist(), checkerboard.items.tolist(), strict=True)
    train = interactions_of([(user, item) for user, item in pairs if user != 5 and item != 2], 41, 31)
    model = fitted(name, PARAMETERS[name], train)
    seed = {"random_state": int(np.random.default_rng(3).integers(2**31))} if name == "skrecsys.bpr" else {}
    oracle = model.library_class()(**PARAMETERS[name], **seed).fit(np.column_stack((train.users, train.items)))
    users, known = np.array([0, 7, 39], np.int32), np.setdiff1d(np.arange(30, dtype=np.int32), [2])
    items = np.tile(known, (users.size, 1))
    expected = oracle.predict(np.column_stack((users.repeat(known.size), items.ravel())))
    np.testing.assert_allclose(model.score(users, items).ravel(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_it_does_not_know_gets_a_score(interactions_of, name: str) -> None:
    """Item 2 and user 2 are in no interaction: the item adds nothing or comes last, the user has no similar items."""
    train = interactions_of([(0, 0), (0, 1), (1, 1), (1, 3), (3, 0), (3, 3)], 4, 4)
    scores = fitted(name, {}, train).score_all(np.arange(4, dtype=np.int32))
    known = scores[:, [0, 1, 3]]
    assert np.isfinite(scores).all()
    if name == "skrecsys.bpr":
        assert (scores[:, [2]] < known).all()
    else:
        assert not scores[:, 2].any()
        assert known[2].any() == (name == "skrecsys.popularity")


@pytest.mark.parametrize(
    ("theirs", "named_theirs", "ours", "named_ours"),
    [
        ("skrecsys.ease", {"l2_reg": 20.0}, "ease", {"reg": 20.0}),
        (
            "skrecsys.slim",
            {"alpha": 0.05, "l1_ratio": 0.1, "n_neighbors": 30, "tol": 1e-9},
            "slim",
            {"reg": 0.05, "l1_ratio": 0.1, "neighbors": 30},
        ),
        (
            "skrecsys.rp3beta",
            {"n_neighbors": 30, "alpha": 0.7, "beta": 0.4},
            "rp3beta",
            {"neighbors": 30, "alpha": 0.7, "beta": 0.4, "normalize": True},
        ),
        (
            "skrecsys.rp3beta",
            {"n_neighbors": 30, "alpha": 0.7, "beta": 0.0},
            "p3alpha",
            {"neighbors": 30, "alpha": 0.7, "normalize": True},
        ),
        (
            "skrecsys.rp3beta",
            {"n_neighbors": 8, "alpha": 0.7, "beta": 0.4},
            "rp3beta",
            {"neighbors": 8, "alpha": 0.7, "beta": 0.4, "normalize": True, "neighbors_of": "both"},
        ),
        ("skrecsys.item_knn", {"n_neighbors": 30, "shrink": 3.0}, "item_knn", {"neighbors": 30, "shrinkage": 3.0}),
        ("skrecsys.popularity", {}, "popularity", {}),
    ],
)
def test_it_is_our_model(checkerboard, theirs: str, named_theirs: dict, ours: str, named_ours: dict) -> None:
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    found, expected = (
        fitted(name, parameters, checkerboard).score_all(users)
        for name, parameters in ((theirs, named_theirs), (ours, named_ours))
    )
    # SLIM stops by a tolerance.
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-3 if ours == "slim" else 1e-5)


def test_it_learns(checkerboard, sees_the_board) -> None:
    for name in PARAMETERS:
        if name != "skrecsys.popularity":
            assert sees_the_board(fitted(name, PARAMETERS[name], checkerboard)) > 0.8, name

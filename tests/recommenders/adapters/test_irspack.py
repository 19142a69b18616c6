"""The scores are irspack's own: those of its `get_score`. Where it has a model of ours, they are also those of ours."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommenders import registry

if importlib.util.find_spec("irspack") is None:
    pytest.skip("irspack is not installed; it comes with the extra irspack", allow_module_level=True)

PARAMETERS: dict[str, dict[str, Any]] = {
    "irspack.ials": {"n_components": 4, "alpha0": 0.2, "train_epochs": 4},
    "irspack.ease": {"reg": 20.0},
    "irspack.slim": {"alpha": 0.01, "top_k": 8},
    "irspack.p3alpha": {"top_k": 12},
    "irspack.rp3beta": {"top_k": 12, "beta": 0.4, "normalize_weight": True},
    "irspack.item_knn": {"top_k": 9, "feature_weighting": "BM_25"},
    "irspack.user_knn": {"top_k": 9, "shrinkage": 2.0},
    "irspack.popularity": {},
}
UNTHREADED = ("irspack.ease", "irspack.popularity")


def fitted(name: str, parameters: dict[str, Any], train: Any) -> Any:
    return registry.new(registry.find(name), parameters).fit(train, rng=np.random.default_rng(3))


@pytest.mark.parametrize("name", PARAMETERS)
def test_scores_are_the_librarys(checkerboard, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = fitted(name, PARAMETERS[name], checkerboard)
    assert not capsys.readouterr().out
    options: dict[str, Any] = {} if name in UNTHREADED else {"n_threads": 1}
    if name == "irspack.ials":
        options["random_seed"] = int(np.random.default_rng(3).integers(2**31))
    oracle = model.library_class()(csr_matrix(checkerboard.to_csr(np.float64)), **PARAMETERS[name], **options).learn()
    users = np.array([0, 7, 39], np.int32)
    np.testing.assert_allclose(model.score_all(users), oracle.get_score(users), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("theirs", "named_theirs", "ours", "named_ours"),
    [
        ("irspack.ease", {"reg": 20.0}, "ease", {"reg": 20.0}),
        (
            "irspack.slim",
            {"alpha": 0.05, "l1_ratio": 0.1, "top_k": 30, "tol": 1e-9},
            "slim",
            {"reg": 0.05, "l1_ratio": 0.1, "neighbors": 30},
        ),
        ("irspack.p3alpha", {"top_k": 30}, "p3alpha", {"neighbors": 30, "alpha": 1.0, "normalize": False}),
        (
            "irspack.rp3beta",
            {"top_k": 30, "beta": 0.4},
            "rp3beta",
            {"neighbors": 30, "alpha": 1.0, "beta": 0.4, "normalize": False},
        ),
        (
            "irspack.item_knn",
            {"top_k": 31, "shrinkage": 3.0, "normalize": True},
            "item_knn",
            {"neighbors": 30, "shrinkage": 3.0},
        ),
        ("irspack.user_knn", {"top_k": 41, "shrinkage": 3.0}, "user_knn", {"neighbors": 40, "shrinkage": 3.0}),
    ],
)
def test_it_is_our_model(checkerboard, theirs: str, named_theirs: dict, ours: str, named_ours: dict) -> None:
    """With all neighbours, for items that the user does not have: irspack counts an item among its own neighbours."""
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    untouched = checkerboard.to_csr(np.bool_).toarray() == 0
    found, expected = (
        fitted(name, parameters, checkerboard).score_all(users)[untouched]
        for name, parameters in ((theirs, named_theirs), (ours, named_ours))
    )
    # SLIM stops by a tolerance.
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-3 if ours == "slim" else 1e-5)


def test_it_learns(checkerboard, sees_the_board) -> None:
    for name in PARAMETERS:
        if name != "irspack.popularity":
            assert sees_the_board(fitted(name, PARAMETERS[name], checkerboard)) > 0.8, name

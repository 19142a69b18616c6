"""RecBole, LensKit 2026 and RecTools, which do not run where recbench does, in environments of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from programs import program_of, skip_without_environment

import bench
from bench.data import Data
from protocol.types import Interactions
from recommenders import registry

if TYPE_CHECKING:
    from pathlib import Path

FEW = {
    "recbole.NeuMF": "epochs=1",
    "recbole.BPR": "epochs=1",
    "recbole.LightGCN": "epochs=1",
    "recbole.MultiVAE": "epochs=1",
    "recbole.EASE": "reg_weight=20",
    "lenskit2026.implicit_mf": "epochs=2,embedding_size=8",
    "lenskit2026.ease": "regularization=20",
    "lenskit2026.slim": "max_nbrs=10",
    "lenskit2026.item_knn": "max_nbrs=10",
    "lenskit2026.user_knn": "max_nbrs=10",
    "lenskit2026.popularity": "",
    "rectools.SASRec": "epochs=1,n_factors=8",
}
LIBRARIES = sorted({name.partition(".")[0] for name in FEW})


def of_library(library: str) -> list[str]:
    return [name for name in FEW if name.startswith(f"{library}.")]


def test_these_are_all_of_them() -> None:
    names = [name for name, entry in registry.entries().items() if entry.origin.startswith("program of ")]
    assert names == list(FEW)


@pytest.mark.parametrize("library", LIBRARIES)
def test_those_of_a_library_share_an_environment_and_a_program(library: str) -> None:
    programs = [program_of(name) for name in of_library(library)]
    assert len({program.requirements for program in programs}) == 1
    assert all("==" in requirement for requirement in programs[0].requirements)
    for program in programs:
        assert set(program.source) == {program.path.name, "program.py", "requirements.txt"}
        assert set(program.search_space) <= set(program.parameters)


def test_their_records_do_not_say_where_they_lie() -> None:
    entry = registry.find("recbole.NeuMF")
    assert entry.public_reference == "neumf.toml:Program"
    assert not [choice for choice in registry.entries().values() if choice.is_file and choice.origin == "built-in"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("library", LIBRARIES)
def test_they_enter_the_table(tmp_path: Path, library: str) -> None:
    skip_without_environment(of_library(library)[0])
    recommenders = ["popularity", *(f"{name}:{FEW[name]}".rstrip(":") for name in of_library(library))]
    records = bench.run(
        Data("synthetic:60x80x900", negatives=20), recommenders, seeds=[0], threads=1, out=tmp_path, quiet=True
    ).records
    assert {record.document["recommender"]["label"]: record.document["failure"] for record in records} == dict.fromkeys(
        recommenders
    )
    assert all(record.document["memory"]["peak_mib"] > 0 for record in records)
    for record in records:
        said = record.document["recommender"]
        assert said.get("requirements", []) == list(registry.requirements_of(registry.find(said["name"])))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_recboles_ease_is_ours(checkerboard) -> None:
    """Two implementations of one closed form, on the same interactions: the scores are the same."""
    skip_without_environment("recbole.EASE")
    theirs = registry.new(registry.find("recbole.EASE"), {"reg_weight": 20.0})
    theirs.fit(checkerboard, rng=np.random.default_rng(0))
    ours = registry.new(registry.find("ease"), {"reg": 20.0}).fit(checkerboard, rng=np.random.default_rng(0))
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    np.testing.assert_allclose(theirs.score_all(users), ours.score_all(users), rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rectools_sasrec_is_given_the_order(circle, comes_next) -> None:
    skip_without_environment("rectools.SASRec")
    parameters = {"n_factors": 16, "n_blocks": 1, "n_heads": 1, "session_max_len": 8, "epochs": 60, "lr": 0.01}
    model = registry.new(registry.find("rectools.SASRec"), {**parameters, "batch_size": 16})
    assert comes_next(model.fit(circle[0], rng=np.random.default_rng(0))) > 0.95


RECTOOLS = {"n_factors": 8, "n_blocks": 1, "n_heads": 1, "session_max_len": 3, "epochs": 1}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rectools_puts_last_what_it_does_not_know() -> None:
    """Items 5 (the first of user 0's five), 3 (user 2 has no other), 6 (of no user); users 2 and 3 know no item."""
    skip_without_environment("rectools.SASRec")
    users, items = [0, 0, 0, 0, 0, 1, 1, 2], [5, 0, 1, 2, 4, 1, 2, 3]
    train = Interactions(np.array(users), np.array(items), np.arange(8), 4, 7)
    model = registry.new(registry.find("rectools.SASRec"), RECTOOLS).fit(train, rng=np.random.default_rng(0))
    scores = model.score_all(np.arange(4, dtype=np.int32))
    known, unknown = scores[:2, [0, 1, 2, 4]], scores[:2, [5, 3, 6]]
    np.testing.assert_allclose(unknown, (known.min(axis=1) - 1)[:, None].repeat(3, axis=1), rtol=1e-6)
    assert not scores[2:].any()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rectools_scores_more_users_than_at_once_as_one_by_one() -> None:
    skip_without_environment("rectools.SASRec")
    users, items = np.repeat(np.arange(300), 4), (np.arange(300)[:, None] + np.arange(4)).reshape(-1) % 50
    train = Interactions(users, items, np.tile(np.arange(4), 300), 300, 50)
    model = registry.new(registry.find("rectools.SASRec"), RECTOOLS).fit(train, rng=np.random.default_rng(0))
    asked = np.arange(300, dtype=np.int32)
    some = asked[[299, 256, 3]]
    np.testing.assert_allclose(model.score_all(asked)[some], model.score_all(some), rtol=1e-5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_diverged_model_of_rectools_is_seen(circle) -> None:
    """The harness refuses such scores; that they were taken for unknown items would hide it."""
    skip_without_environment("rectools.SASRec")
    model = registry.new(registry.find("rectools.SASRec"), {**RECTOOLS, "lr": 1e30, "epochs": 3})
    model.fit(circle[0], rng=np.random.default_rng(0))
    assert np.isnan(model.score_all(np.arange(2, dtype=np.int32))).all()

"""RecBole and RecTools, which do not run where recbench does, in environments of their own."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bench.api import Data, run_records
from recommenders import registry
from recommenders.adapters import environments
from recommenders.adapters.program import Program, read_program

FEW = {
    "recbole.NeuMF": "epochs=1",
    "recbole.BPR": "epochs=1",
    "recbole.LightGCN": "epochs=1",
    "recbole.MultiVAE": "epochs=1",
    "recbole.EASE": "reg_weight=20",
    "rectools.SASRec": "epochs=1,n_factors=8",
}
LIBRARIES = sorted({name.partition(".")[0] for name in FEW})


def program_of(name: str) -> Program:
    return read_program(Path(registry.find(name).reference.rpartition(":")[0]))


def of_library(library: str) -> list[str]:
    return [name for name in FEW if name.startswith(f"{library}.")]


def skip_without_environment(library: str) -> None:
    """Skip where building it would take minutes and gigabytes, unless that is asked for."""
    program = program_of(of_library(library)[0])
    if os.environ.get("RECBENCH_PROGRAMS") != "1" and not environments.is_ready(program.requirements, program.python):
        pytest.skip(f"the environment of {library} is not built; RECBENCH_PROGRAMS=1 builds it")


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
    skip_without_environment(library)
    recommenders = ["popularity", *(f"{name}:{FEW[name]}" for name in of_library(library))]
    records = run_records(
        Data("synthetic:60x80x900", negatives=20), recommenders, threads=1, out=tmp_path, quiet=True
    ).records
    assert {record.document["recommender"]["label"]: record.document["failure"] for record in records} == dict.fromkeys(
        recommenders
    )
    assert all(record.document["memory"]["peak_mib"] > 0 for record in records)
    for record in records:
        said = record.document["recommender"]
        assert said.get("requirements", []) == list(registry.find(said["name"]).requirements)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_recboles_ease_is_ours(checkerboard) -> None:
    """Two implementations of one closed form, on the same interactions: the scores are the same."""
    skip_without_environment("recbole")
    theirs = registry.new(registry.find("recbole.EASE"), {"reg_weight": 20.0})
    theirs.fit(checkerboard, rng=np.random.default_rng(0))
    ours = registry.new(registry.find("ease"), {"reg": 20.0}).fit(checkerboard, rng=np.random.default_rng(0))
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    np.testing.assert_allclose(theirs.score_all(users), ours.score_all(users), rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rectools_sasrec_is_given_the_order(circle, comes_next) -> None:
    skip_without_environment("rectools")
    parameters = {"n_factors": 16, "n_blocks": 1, "n_heads": 1, "session_max_len": 8, "epochs": 60, "lr": 0.01}
    model = registry.new(registry.find("rectools.SASRec"), {**parameters, "batch_size": 16})
    assert comes_next(model.fit(circle[0], rng=np.random.default_rng(0))) > 0.95


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rectools_puts_last_what_it_does_not_know(interactions_of) -> None:
    """Items of nobody, or of a user of that one item alone, 2; to a user without any, 3, all are equal."""
    skip_without_environment("rectools")
    train = interactions_of([(0, 0), (0, 1), (0, 2), (1, 1), (1, 0), (2, 3)], 4, 5)
    parameters = {"n_factors": 8, "n_blocks": 1, "n_heads": 1, "session_max_len": 3, "epochs": 1}
    model = registry.new(registry.find("rectools.SASRec"), parameters).fit(train, rng=np.random.default_rng(0))
    scores = model.score_all(np.arange(4, dtype=np.int32))
    assert (scores[:2, 3:].max(axis=1) < scores[:2, :3].min(axis=1)).all()
    assert (np.ptp(scores[3]) == 0).all()

"""RecBole, which does not run where recbench does, in an environment of its own."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bench.api import Data, run_records
from recommenders import registry
from recommenders.adapters import environments
from recommenders.adapters.program import read_program

NAMES = [name for name, entry in registry.entries().items() if entry.origin == "program of recbole"]
FEW = {"NeuMF": "epochs=1", "BPR": "epochs=1", "LightGCN": "epochs=1", "MultiVAE": "epochs=1", "EASE": "reg_weight=20"}


def program_of(name: str):
    return read_program(Path(registry.find(name).reference.rpartition(":")[0]))


@pytest.fixture
def environment() -> None:
    """Skip where building it would take minutes and gigabytes, unless that is asked for."""
    program = program_of("recbole.EASE")
    if os.environ.get("RECBENCH_PROGRAMS") != "1" and not environments.is_ready(program.requirements, program.python):
        pytest.skip("RecBole's environment is not built; RECBENCH_PROGRAMS=1 builds it")


def test_they_are_five_of_one_environment_and_one_program() -> None:
    assert [f"recbole.{name}" for name in FEW] == NAMES
    programs = [program_of(name) for name in NAMES]
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
@pytest.mark.usefixtures("environment")
def test_they_enter_the_table(tmp_path: Path) -> None:
    recommenders = ["popularity", *(f"recbole.{name}:{parameters}" for name, parameters in FEW.items())]
    records = run_records(
        Data("synthetic:60x80x900", negatives=20), recommenders, threads=1, out=tmp_path, quiet=True
    ).records
    assert {record.document["recommender"]["label"]: record.document["failure"] for record in records} == dict.fromkeys(
        recommenders
    )
    assert all(record.document["memory"]["peak_mib"] > 0 for record in records)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("environment")
def test_its_ease_is_ours(checkerboard) -> None:
    """Two implementations of one closed form, on the same interactions: the scores are the same."""
    theirs = registry.new(registry.find("recbole.EASE"), {"reg_weight": 20.0})
    theirs.fit(checkerboard, rng=np.random.default_rng(0))
    ours = registry.new(registry.find("ease"), {"reg": 20.0}).fit(checkerboard, rng=np.random.default_rng(0))
    users = np.arange(checkerboard.n_users, dtype=np.int32)
    np.testing.assert_allclose(theirs.score_all(users), ours.score_all(users), rtol=1e-4, atol=1e-6)

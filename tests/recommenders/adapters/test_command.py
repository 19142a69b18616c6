"""Programs: the files that they get and when, their exact figures, and the effect of each of their faults."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jobs_here import jobs_here

import bench
from bench.checks import check_recommender
from bench.data import Data
from protocol.errors import NotFittedError, RecommenderError, ScoreError
from recommenders import registry

PROGRAMS = Path(__file__).parent / "programs"

# Counts, like the one in C; and does what its parameter `fault` says.
PROGRAM = """
import json, math, os, sys, time
phase, folder = sys.argv[1:]
job = json.load(open(f"{folder}/job.json"))
fault = job["parameters"]["fault"]
if fault == f"{phase} exits":
    print("first"); print("no luck", file=sys.stderr); sys.exit(3)
if fault == f"{phase} is killed":
    os.kill(os.getpid(), 9)
if fault == f"{phase} hangs":
    open(job["parameters"]["place"], "w").write(str(os.getpid()))
    time.sleep(600)
if phase == "fit":
    counts = [0.0] * job["n_items"]
    for line in list(open(f"{folder}/train.csv"))[1:]:
        counts[int(line.split(",")[1])] += 1
    if fault == "memory":
        hoard = b"x" * 400_000_000
    model = {"counts": counts, "seen": sorted(os.listdir(folder)), "job": job}
    json.dump(model, open(f"{folder}/model/model.json", "w"))
else:
    counts = json.load(open(f"{folder}/model/model.json"))["counts"]
    lines = [str(counts[int(line.split(",")[1])]) for line in list(open(f"{folder}/candidates.csv"))[1:]]
    if fault == "short": lines = lines[:-2]
    if fault == "long": lines += ["1"]
    if fault == "none": lines = []
    if fault == "text": lines[3] = "many"
    if fault == "nan": lines[3] = "nan"
    if fault == "two": lines = [f"{line} {line}" for line in lines]
    header = "scores" if fault == "header" else "score"
    if fault != "missing":
        open(f"{folder}/scores.csv", "w").write("\\n".join([header, *lines]) + "\\n")
"""


@pytest.fixture
def program(tmp_path: Path):
    """Return a function that writes a program and its TOML file, and returns the latter's path."""

    def write(**changes: object) -> Path:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "count.py").write_text(PROGRAM)
        entries = {
            "name": "counting",
            "fit": [sys.executable, "count.py", "fit"],
            "score": [sys.executable, "count.py", "score"],
            "parameters": {"fault": "", "reg": 0.5, "layers": [4, 2]},
            **changes,
        }
        tables = {name: value for name, value in entries.items() if isinstance(value, dict)}
        lines = [f"{name} = {json.dumps(value)}" for name, value in entries.items() if name not in tables]
        for name, table in tables.items():
            lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        path = folder / "counting.toml"
        path.write_text("\n".join(lines))
        return path

    return write


def built(path: Path, **parameters: object):
    return registry.new(registry.plugin_entry(str(path)), parameters)


@pytest.fixture(scope="session")
def popularity_in_c(tmp_path_factory) -> Path:
    """Return the TOML file of the program in C, compiled beside it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler (cc, gcc) on PATH")
    folder = tmp_path_factory.mktemp("popularity")
    for name in ("popularity.c", "popularity.toml"):
        shutil.copy(PROGRAMS / name, folder)
    subprocess.run([compiler, "-O2", "-o", folder / "popularity", folder / "popularity.c"], check=True)
    return folder / "popularity.toml"


def test_a_program_in_c_has_the_very_figures_of_popularity(popularity_in_c: Path, tmp_path: Path) -> None:
    with jobs_here():
        frame = bench.run(
            "synthetic:60x80x900",
            ["popularity", "popularity_c"],
            plugins=[str(popularity_in_c)],
            negatives=20,
            out=tmp_path,
        ).to_frame(every_figure=True)
    ours, its = frame.loc["popularity"], frame.loc["popularity_c"]
    accuracy = [column for column in frame.columns if "@" in column]
    assert len(accuracy) >= 4
    assert its[accuracy].to_dict() == ours[accuracy].to_dict()
    assert its["origin"] == "file"


def test_a_program_in_c_passes_the_checks(popularity_in_c: Path) -> None:
    entry = registry.plugin_entry(str(popularity_in_c))
    assert entry.name == "popularity_c"
    assert [result for result in check_recommender(entry) if result.status == "fail"] == []


def test_a_deterministic_one_is_given_seed_0_and_draws_nothing(program, checkerboard) -> None:
    """A draw would be recorded, and the table would call it not deterministic."""
    rng = np.random.default_rng(5)
    model = built(program(deterministic=True)).fit(checkerboard, rng=rng)
    assert json.loads((model._folder / "job.json").read_text())["seed"] == 0
    assert rng.bit_generator.state == np.random.default_rng(5).bit_generator.state


def test_it_is_given_training_interactions_facts_and_no_candidates(program, checkerboard, tmp_path: Path) -> None:
    model = built(program(), reg=0.25).fit(checkerboard, rng=np.random.default_rng(5))
    folder = model._folder
    found = json.loads((folder / "model" / "model.json").read_text())
    assert found["seen"] == ["fit.log", "job.json", "model", "train.csv"]
    assert found["job"] == {
        "format": 1,
        "n_users": 40,
        "n_items": 30,
        "n_interactions": 360,
        "seed": int(np.random.default_rng(5).integers(2**31)),
        "threads": 1,
        "parameters": {"fault": "", "reg": 0.25, "layers": [4, 2]},
    }
    lines = (folder / "train.csv").read_text().splitlines()
    assert lines[0] == "user,item,timestamp"
    expected = zip(checkerboard.users, checkerboard.items, checkerboard.timestamps, strict=True)
    assert lines[1:] == [f"{user},{item},{timestamp}" for user, item, timestamp in expected]
    users, items = np.array([7, 2], np.int32), np.array([[1, 3, 5], [2, 2, 0]], np.int32)
    counts = np.bincount(checkerboard.items, minlength=30)
    np.testing.assert_array_equal(model.score(users, items), counts[items])
    assert (folder / "candidates.csv").read_text() == "user,item\n7,1\n7,3\n7,5\n2,2\n2,2\n2,0\n"
    np.testing.assert_array_equal(model.score_all(users), np.tile(counts, (2, 1)))
    del model
    assert not folder.exists()


def test_hyper_parameters_are_typed_and_described(program) -> None:
    mine = "@misc{me2026mine, title = {Mine}}"
    path = program(search_space={"reg": {"low": 1}}, summary="Counts.", deterministic=True, bibtex=mine)
    path.write_text(path.read_text().replace('{"low": 1}', "{ low = 0.1, high = 1.0 }"))
    entry = registry.plugin_entry(str(path))
    description = registry.describe(registry.load_class(entry), {})
    assert (description.summary, description.deterministic, description.full_ranker) == ("Counts.", True, True)
    assert description.bibtex == mine
    assert {name: parameter.default for name, parameter in description.parameters.items()} == {
        "fault": "", "reg": 0.5, "layers": (4, 2),
    }  # fmt: skip
    texts = {"reg": "2", "layers": "8-4"}
    assert registry.parse_parameters("counting", description, texts) == {"reg": 2.0, "layers": (8, 4)}
    assert registry.load_class(entry).search_space() == {"reg": {"low": 0.1, "high": 1.0}}


def test_an_unfitted_program_raises(program) -> None:
    with pytest.raises(NotFittedError):
        built(program()).score(np.array([0], np.int32), np.array([[0]], np.int32))


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("fit exits", RecommenderError, "counting: fit ended with exit code 3: no luck"),
        ("score exits", RecommenderError, "counting: score ended with exit code 3: no luck"),
        ("fit is killed", RecommenderError, "counting: fit was killed by SIGKILL: it printed nothing"),
        ("missing", ScoreError, r"counting: score left no file scores\.csv in the folder it was given"),
        (
            "short",
            ScoreError,
            r"scores\.csv has 4 scores, expected 6: one on each line, for that line of candidates\.csv",
        ),
        ("long", ScoreError, r"scores\.csv has 7 scores, expected 6"),
        ("none", ScoreError, r"scores\.csv has 0 scores, expected 6"),
        ("two", ScoreError, r"scores\.csv has 6 x 2 scores, expected 6"),
        ("text", ScoreError, r"holds something that is not a number: .*'many' .* row 3"),
        ("header", ScoreError, "begins with the line 'scores', expected 'score'"),
    ],
)
def test_each_fault_of_a_program_has_its_message(program, checkerboard, fault: str, error: type, message: str) -> None:
    users, items = np.array([7, 2], np.int32), np.array([[1, 3, 5], [2, 2, 0]], np.int32)
    model = built(program(), fault=fault)
    with pytest.raises(error, match=message):
        model.fit(checkerboard, rng=np.random.default_rng(0)).score(users, items)


def test_old_scores_are_no_answer(program, checkerboard) -> None:
    users, items = np.array([7], np.int32), np.array([[1, 3]], np.int32)
    model = built(program()).fit(checkerboard, rng=np.random.default_rng(0))
    model.score(users, items)
    job = model._folder / "job.json"
    job.write_text(job.read_text().replace('"fault": ""', '"fault": "missing"'))
    with pytest.raises(ScoreError, match="left no file"):
        model.score(users, items)


def test_a_missing_program_is_named(program, checkerboard) -> None:
    for word in ("./nowhere", "no-such-program"):
        with pytest.raises(
            RecommenderError, match=rf"fit cannot be started: {word}: No such file .*; build or install it"
        ):
            built(program(fit=[word])).fit(checkerboard, rng=np.random.default_rng(0))


def documents_of_a_run(program: Path, tmp_path: Path, *names: str) -> dict[str, dict[str, Any]]:
    data = Data("synthetic:60x80x900", negatives=20)
    records = bench.run(data, names, plugins=[str(program)], threads=1, out=tmp_path / "out", quiet=True).records
    return {record.document["recommender"]["label"]: record.document for record in records}


def test_faults_cost_the_row_alone(program, tmp_path: Path) -> None:
    with jobs_here():
        documents = documents_of_a_run(
            program(), tmp_path, "popularity", "counting", "counting:fault=nan", "counting:fault=text"
        )
    assert len(documents) == 4
    failures = {label: document["failure"] for label, document in documents.items() if document["failure"]}
    kinds = {label: failure["kind"] for label, failure in failures.items()}
    assert kinds == {"counting:fault=nan": "scores", "counting:fault=text": "scores"}
    assert "1 of 1260 scores are not finite" in failures["counting:fault=nan"]["message"]


def test_a_programs_memory_is_measured(program, tmp_path: Path) -> None:
    documents = documents_of_a_run(program(), tmp_path, "counting", "counting:fault=memory")
    usual, hoarding = (documents[label]["memory"]["peak_mib"] for label in ("counting", "counting:fault=memory"))
    assert usual < 400_000_000 / 2**20 < hoarding


def is_gone(pid: int) -> bool:
    """Whether a process ends; one that was killed is there until its parent has heard of it."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_a_program_that_hangs_is_stopped(program, tmp_path: Path) -> None:
    place = tmp_path / "pid"
    path = program(parameters={"fault": "score hangs", "place": str(place)})
    data = Data("synthetic:60x80x900", negatives=20)
    (record,) = bench.run(data, ["counting"], plugins=[str(path)], timeout=10, out=tmp_path / "out", quiet=True).records
    assert record.document["failure"]["message"] == "stopped after 10 s, while it was scoring"
    assert is_gone(int(place.read_text()))


def test_an_edited_program_is_another(program) -> None:
    path = program(files=["more.txt"], fit=[sys.executable, "count.py", "fit"])
    entry = registry.plugin_entry(str(path))
    digests = {registry.source_digest(entry)}
    for name, text in (
        ("count.py", PROGRAM + "changed = 1\n"),
        ("more.txt", "a"),
        ("more.txt", "b"),
        ("beside.txt", "no part"),
    ):
        (path.parent / name).write_text(text)
        digests.add(registry.source_digest(entry))
    assert len(digests) == 4
    path.write_text(path.read_text().replace("0.5", "0.6"))
    assert registry.source_digest(entry) not in digests


def test_edited_requirements_are_another_program(program) -> None:
    path = program(requirements="requirements.txt")
    digests = set()
    for text in ("numpy==2.3.0", "numpy==2.4.0"):
        (path.parent / "requirements.txt").write_text(text)
        entry = registry.plugin_entry(str(path))
        assert registry.requirements_of(entry) == (text,)
        digests.add(registry.source_digest(entry))
    assert len(digests) == 2


def test_requirements_are_recorded_without_the_place_where_they_are_found(program) -> None:
    path = program(requirements="requirements.txt")
    (path.parent / "requirements.txt").write_text(
        "--extra-index-url https://me:secret@there\n-e /home/me/mine\n./here\nmine @ file:///home/me/mine\nnumpy>=2\n"
    )
    assert registry.requirements_of(registry.plugin_entry(str(path))) == ("mine", "numpy>=2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "is not TOML"),
        ('name = "a"\nfit = ["x"]\n', "lacks score; a program has name, fit, score and may have summary"),
        ('name = "a"\nfit = ["x"]\nscore = ["x"]\nrequires = []\n', "has the unknown requires"),
        ('name = "a"\nfit = "x fit"\nscore = ["x"]\n', r"fit is 'x fit', expected a list of texts, as in \[\"python\""),
        ('name = "a"\nfit = []\nscore = ["x"]\n', "fit is empty"),
        ('name = "a"\nfit = ["x", 1]\nscore = ["x"]\n', "fit is .*, expected a list of texts"),
        ('name = "a b"\nfit = ["x"]\nscore = ["x"]\n', "name is 'a b', expected letters"),
        (
            'name = "a"\nfit = ["x"]\nscore = ["x"]\nparameters = {a = {b = 1}}\n',
            "the parameter a = .* is not accepted; expected a Python identifier with",
        ),
        ('name = "a"\nfit = ["x"]\nscore = ["x"]\nrequirements = "r.txt"\n', "requirements, r.txt, cannot be read"),
    ],
)
def test_a_bad_description_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(RecommenderError, match=message):
        registry.plugin_entry(str(path))


def test_no_description_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecommenderError, match=r"nowhere\.toml cannot be read: No such file"):
        registry.plugin_entry(str(tmp_path / "nowhere.toml"))

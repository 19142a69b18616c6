"""The committed results: made by this code, and their tables follow from their records byte for byte."""

from __future__ import annotations

import csv
import io
import tomllib
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from bench.analysis.summary import summarise
from bench.charts.drawing import draw
from bench.charts.library import image
from bench.cli.main import main
from bench.records.store import Store
from bench.tuning.spaces import tunable
from protocol.data.loading import load_dataset
from protocol.errors import DatasetError
from protocol.evaluation.evaluate import evaluate
from protocol.tasks.task import build_task, build_validation_task
from recommenders import registry
from recommenders.registry.python_file import load_file

RESULTS = Path(__file__).parents[1] / "results"
REFERENCE = RESULTS / "ml-100k"
TUNING, ON_REQUEST = RESULTS / "tuning" / "ml-100k", RESULTS / "tuning" / "ml-100k-on-request"
REPRODUCE = RESULTS / "reproductions" / "reproduce.py"
PEERS = RESULTS / "peers"


def test_the_table_is_remade_byte_for_byte(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["table", str(REFERENCE), "--format", "github"]) == 0
    assert capsysbinary.readouterr().out == (REFERENCE / "table.md").read_bytes()


@pytest.mark.parametrize("name", ["pareto", "forest"])
def test_the_pictures_are_remade_byte_for_byte(name: str) -> None:
    drawn = image(draw(name, Store(REFERENCE).records()), "svg")
    assert drawn == (REFERENCE / f"{name}.svg").read_bytes(), "run `make report`"


@pytest.mark.parametrize(
    "folder",
    [
        REFERENCE,
        REPRODUCE.parent / "ml-1m",
        REPRODUCE.parent / "irspack-ials",
        REPRODUCE.parent / "citeulike-a" / "as-they-are",
        REPRODUCE.parent / "citeulike-a" / "unseen",
        PEERS / "tuned",
        PEERS / "defaults",
        PEERS / "ml-1m",
    ],
    ids=[
        "ml-100k",
        "ml-1m",
        "irspack-ials",
        "citeulike-a",
        "citeulike-a, unseen",
        "peers, tuned",
        "peers, as they come",
        "peers, ml-1m",
    ],
)
def test_the_records_are_whole(folder: Path) -> None:
    assert main(["verify", str(folder)]) == 0


def test_the_default_suite_is_there_with_five_seeds() -> None:
    seeds = defaultdict(set)
    for record in Store(REFERENCE).records():
        assert not record.failed
        assert not record.document["environment"]["commit"].endswith("+"), "made from code that was not committed"
        seeds[record.document["recommender"]["label"]].add(record.document["seed"])
    suite = {name: entry for name, entry in registry.entries().items() if entry.by_default}
    assert dict(seeds) == {
        name: {0} if registry.load_class(entry).deterministic else {0, 1, 2, 3, 4} for name, entry in suite.items()
    }


def test_the_records_are_of_this_code() -> None:
    """A changed recommender changes its source's digest: then `make results` has to be run again."""
    for record in Store(REFERENCE).records():
        recommender = record.document["recommender"]
        assert recommender["source_sha256"] == registry.source_digest(registry.find(recommender["name"])), (
            f"{recommender['name']} has changed since the results were made"
        )


def tuned(folder: Path) -> dict[str, dict[str, Any]]:
    found = tomllib.loads((folder / "tuned.toml").read_text())
    del found["selection"]
    return found


def test_what_claims_to_be_chosen_was_tuned() -> None:
    built_ins = [entry for entry in registry.entries().values() if entry.origin == registry.BUILT_IN]
    assert list(tuned(TUNING)) == tunable()
    chosen = {entry.name for entry in built_ins if entry.chosen_on == "ml-100k"}
    # Their defaults are those of the compiled models: see tests/recommenders/pytorch/test_twin.py.
    twins = {name for name in chosen if name.startswith("torch.")}
    assert {*tuned(TUNING), *tuned(ON_REQUEST)} == chosen - twins
    assert {name.removeprefix("torch.") for name in twins} <= chosen


@pytest.mark.parametrize("folder", [TUNING, ON_REQUEST], ids=["suite", "on request"])
def test_the_defaults_are_what_was_tuned(folder: Path) -> None:
    """P21: on the validation task, by `make tune`."""
    for name, parameters in tuned(folder).items():
        entry = registry.find(name)
        defaults = registry.describe(registry.load_class(entry), entry.preset).parameters
        found = {parameter: defaults[parameter].default for parameter in parameters}
        assert {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()} == parameters


@pytest.mark.parametrize(
    "folder",
    [TUNING, ON_REQUEST, PEERS / "tuning", PEERS / "ml-1m-tuning"],
    ids=["suite", "on request", "peers", "peers, ml-1m"],
)
def test_what_was_tuned_is_the_best_of_what_was_tried(folder: Path) -> None:
    trials: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in csv.DictReader(io.StringIO((folder / "trials.csv").read_text())):
        if not row["failure"]:
            trials[row["recommender"]][row["parameters"]].append(float(row["NDCG@10"]))
    about = tomllib.loads((folder / "tuned.toml").read_text())["selection"]
    assert set(trials) == set(tuned(folder))
    for name, combinations in trials.items():
        assert about[name]["NDCG@10"] == pytest.approx(max(map(fmean, combinations.values())), abs=1e-12)
        assert about[name]["combinations"] == len(combinations)


@pytest.mark.parametrize("name", ["tuned", "defaults"])
def test_the_peers_tables_are_remade_byte_for_byte(name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["table", str(PEERS / name), "--format", "github"]) == 0
    assert capsysbinary.readouterr().out == (PEERS / f"{name}.md").read_bytes()


def test_the_page_of_peers_is_remade_byte_for_byte() -> None:
    assert load_file(PEERS / "page.py").page() == (RESULTS / "peers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "trainings"), [("tuned", {0, 1, 2}), ("defaults", {0})])
def test_ours_and_theirs_ran_alike(name: str, trainings: set[int]) -> None:
    """The same recommenders, each once: one thread, the same seeds, and what its search found or its defaults."""
    found = tuned(PEERS / "tuning")
    seeds = defaultdict(set)
    for record in Store(PEERS / name).records():
        recommender = record.document["recommender"]
        assert not record.failed
        assert record.document["threads"] == 1
        assert not record.document["environment"]["commit"].endswith("+"), "made from code that was not committed"
        chosen = found.get(recommender["name"], {}) if name == "tuned" else {}
        assert recommender["parameters"] == defaults_of(recommender["name"]) | chosen
        seeds[recommender["name"], recommender["source_sha256"], recommender["deterministic"]].add(
            record.document["seed"]
        )
    assert sorted(called for called, *_ in seeds) == sorted(["popularity", *found])
    assert all(fitted == ({0} if deterministic else trainings) for (*_, deterministic), fitted in seeds.items())


def defaults_of(name: str) -> dict[str, Any]:
    """Return the defaults of a recommender, in JSON's types."""
    entry = registry.find(name)
    parameters = registry.describe(registry.load_class(entry), entry.preset).parameters
    return {
        parameter: list(said.default) if isinstance(said.default, tuple) else said.default
        for parameter, said in parameters.items()
    }


def test_the_page_of_peers_on_ml_1m_is_remade_byte_for_byte() -> None:
    assert load_file(PEERS / "ml_1m.py").page() == (PEERS / "ml-1m.md").read_text(encoding="utf-8")


def test_the_page_of_peers_counts_what_it_says() -> None:
    """The difference is ours minus theirs; Holm's least p is that of a single test, times the number of tests."""
    page, records, was_tuned = (
        load_file(PEERS / "page.py"),
        list(Store(PEERS / "tuned").records()),
        tuned(PEERS / "tuning"),
    )
    found = page.tuned_pairs(records, summarise(records), summarise(Store(PEERS / "defaults").records()), was_tuned)
    assert len(found) == sum(peer in was_tuned for _, peers in page.PAIRS for peer in peers)
    for pair in found:
        ours, theirs = (row.accuracy["NDCG@10"].mean for row in pair.both)
        assert pair.difference.difference == pytest.approx(ours - theirs, abs=1e-12)
        assert pair.p_holm >= pair.difference.p_value
    least = min(pair.difference.p_value for pair in found)
    assert min(pair.p_holm for pair in found) == pytest.approx(len(found) * least)


def test_peers_without_a_row_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    page = load_file(PEERS / "page.py")
    monkeypatch.setattr(page, "PAIRS", (("als", ("their.als",)),))
    monkeypatch.setattr(page, "_selection", lambda path: {"their.als": {}})
    assert page.main() == 2
    assert "0 rows of their.als were fitted; expected one" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(page, "HERE", tmp_path)
    assert page.main() == 2


def test_the_page_of_published_figures_is_remade_byte_for_byte() -> None:
    """From the records, what was tuned and what was published; the files themselves are not needed."""
    reproduce = load_file(REPRODUCE)
    assert reproduce.page() == (RESULTS / "reproductions.md").read_text(encoding="utf-8")


@pytest.mark.realdata
def test_the_published_figures_are_of_the_ncf_papers_files(real_data: Path) -> None:
    reproduce = load_file(REPRODUCE)
    prefix = f"{real_data}/ml-1m/ml-1m"
    reproduce.check_files(prefix)
    digest = build_task(load_dataset(f"ncf:{prefix}")).digest
    assert {record.document["task"]["digest"] for record in Store(reproduce.RECORDS).records()} == {digest}


def test_other_files_are_refused(tmp_path: Path) -> None:
    reproduce = load_file(REPRODUCE)
    with pytest.raises(DatasetError, match=r"no file .*train\.rating"):
        reproduce.check_files(f"{tmp_path}/ml-1m")
    for ending in reproduce.CONTENTS:
        (tmp_path / f"ml-1m.{ending}").write_text("1\t2\t5\t3\n")
    with pytest.raises(DatasetError, match="is not the NCF paper's file"):
        reproduce.check_files(f"{tmp_path}/ml-1m")


def test_lists_without_items_that_the_user_trained_on(tmp_path: Path) -> None:
    """User 0 trained on 5 and 6, of which 6 is in the list; user 1 on 6 only, which is not in the list."""
    citeulike = load_file(REPRODUCE.parent / "citeulike.py")
    train = np.array([[1, 6], [0, 5], [0, 6]])
    lists = citeulike.Lists(train, np.array([7, 8]), [np.array([4, 6, 9]), np.array([5, 4])])
    lists.unseen().write(tmp_path / "tiny")
    assert (tmp_path / "tiny.test.negative").read_text() == "(0,7)\t4\t9\n(1,8)\t4\t5\n"
    task = build_task(load_dataset(f"ncf:{tmp_path}/tiny"))
    assert (len(task.train), task.candidates.heldout.tolist()) == (3, [3, 4])


def test_another_file_than_that_of_citeulike_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    citeulike = load_file(REPRODUCE.parent / "citeulike.py")
    assert citeulike.main([str(tmp_path / "citeulike-a.npz")]) == 2
    (tmp_path / "citeulike-a.npz").write_bytes(b"not it")
    assert citeulike.main([str(tmp_path / "citeulike-a.npz")]) == 2
    told = capsys.readouterr().err
    assert "there is no file" in told
    assert "its SHA-256 is not f0a97219" in told


@pytest.mark.realdata
def test_the_results_are_of_ml_100k_itself(real_data: Path) -> None:
    """Task and selection are those of today's code, and popularity has the very ranks that are stored."""
    dataset = load_dataset("ml-100k")
    task = build_task(dataset)
    records = {record.document["recommender"]["name"]: record for record in Store(REFERENCE).records()}
    assert {record.document["task"]["digest"] for record in records.values()} == {task.digest}
    about = tomllib.loads((TUNING / "tuned.toml").read_text())["selection"]
    assert about["validation_task"] == build_validation_task(dataset).digest
    popularity = registry.load_class(registry.find("popularity"))()
    ranks = evaluate(popularity.fit(task.train, rng=np.random.default_rng(0)), task).ranks
    np.testing.assert_array_equal(ranks.n_better, records["popularity"].ranks.n_better)
    np.testing.assert_array_equal(ranks.n_tied, records["popularity"].ranks.n_tied)

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

from bench.cli import main
from bench.store import Store
from protocol.dataset import load_dataset
from protocol.evaluate import evaluate
from protocol.task import build_task, build_validation_task
from recommenders import registry

RESULTS = Path(__file__).parents[1] / "results"
REFERENCE, SELECTION = RESULTS / "ml-100k", RESULTS / "selection" / "ml-100k"


def test_the_table_is_remade_byte_for_byte(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["table", str(REFERENCE), "--format", "github"]) == 0
    assert capsysbinary.readouterr().out == (REFERENCE / "table.md").read_bytes()


def test_every_built_in_is_there_with_three_seeds() -> None:
    seeds = defaultdict(set)
    for record in Store(REFERENCE).records():
        assert not record.failed
        assert not record.document["environment"]["commit"].endswith("+"), "made from code that was not committed"
        seeds[record.document["recommender"]["label"]].add(record.document["seed"])
    built_in = {name: entry for name, entry in registry.entries().items() if entry.origin == "built-in"}
    assert dict(seeds) == {
        name: {0} if registry.load_class(entry).deterministic else {0, 1, 2} for name, entry in built_in.items()
    }


def test_the_records_are_of_this_code() -> None:
    """A changed recommender changes its source's digest: then `make results` has to be run again."""
    for record in Store(REFERENCE).records():
        recommender = record.document["recommender"]
        assert recommender["source_sha256"] == registry.source_digest(registry.find(recommender["name"])), (
            f"{recommender['name']} has changed since the results were made"
        )


def selected() -> dict[str, dict[str, Any]]:
    found = tomllib.loads((SELECTION / "selected.toml").read_text())
    del found["selection"]
    return found


def test_the_defaults_are_what_was_selected() -> None:
    """P21: on the validation task, by `make select`."""
    for name, parameters in selected().items():
        entry = registry.find(name)
        defaults = registry.describe(registry.load_class(entry), entry.preset).parameters
        found = {parameter: defaults[parameter].default for parameter in parameters}
        assert {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()} == parameters


def test_what_was_selected_is_the_best_of_what_was_tried() -> None:
    trials: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in csv.DictReader(io.StringIO((SELECTION / "trials.csv").read_text())):
        trials[row["recommender"]][row["parameters"]].append(float(row["NDCG@10"]))
    about = tomllib.loads((SELECTION / "selected.toml").read_text())["selection"]
    assert set(trials) == set(selected())
    for name, combinations in trials.items():
        assert about[name]["NDCG@10"] == pytest.approx(max(map(fmean, combinations.values())), abs=1e-12)
        assert about[name]["combinations"] == len(combinations)


@pytest.mark.realdata
def test_the_results_are_of_ml_100k_itself(real_data: Path) -> None:
    """Task and selection are those of today's code, and popularity has the very ranks that are stored."""
    dataset = load_dataset("ml-100k")
    task = build_task(dataset)
    records = {record.document["recommender"]["name"]: record for record in Store(REFERENCE).records()}
    assert {record.document["task"]["digest"] for record in records.values()} == {task.digest}
    about = tomllib.loads((SELECTION / "selected.toml").read_text())["selection"]
    assert about["validation_task"] == build_validation_task(dataset).digest
    popularity = registry.load_class(registry.find("popularity"))()
    ranks = evaluate(popularity.fit(task.train, rng=np.random.default_rng(0)), task).ranks
    np.testing.assert_array_equal(ranks.n_better, records["popularity"].ranks.n_better)
    np.testing.assert_array_equal(ranks.n_tied, records["popularity"].ranks.n_tied)

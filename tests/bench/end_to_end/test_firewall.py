"""A firewall round the test set: replace every test item, and whatever selects finds the same to the last byte."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jobs_here import jobs_here

import bench
from bench.choices import choose
from bench.data import Data
from bench.records.store import ARRAYS, Store
from bench.running.plan import plan_jobs
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.records.store import Record
    from protocol.tasks.task import Task

    Rows = Sequence[tuple[int, int, int]]
    """User, item, time."""

N_USERS, N_ITEMS, N_TOUCHED, N_NEGATIVES = 40, 60, 12, 20
FILE, RESULTS = "ratings.csv", "results"
GRID = "[als]\nembedding_size = [2, 4]\nepochs = 5\n\n[ease]\nreg = [10, 1000]\n"


def rows_with(test_items: Sequence[int], train: Rows) -> Rows:
    """Return the interactions of all users, the last of each with the given item."""
    return [*train, *((user, item, 1000 + user) for user, item in enumerate(test_items))]


@pytest.fixture(scope="module")
def train() -> Rows:
    """Return what is trained on: no two times of a user are the same, so no tie is broken by what the item is (P6)."""
    rng = np.random.default_rng(8)
    taste = rng.random((N_USERS, 2)) @ rng.random((2, N_ITEMS)) + 0.3 * rng.random((N_USERS, N_ITEMS))
    return [
        (user, int(item), time)
        for user, row in enumerate(taste)
        for time, item in enumerate(rng.permutation(np.argsort(-row)[: N_TOUCHED - 1]))
    ]


@pytest.fixture(scope="module")
def untouched(train: Rows) -> list[list[int]]:
    """Return each user's items that are trained on by others alone."""
    touched: list[set[int]] = [set() for _ in range(N_USERS)]
    for user, item, _ in train:
        touched[user].add(item)
    trained_on = set.union(*touched)
    return [sorted(trained_on - own) for own in touched]


@dataclass(frozen=True)
class Selected:
    """What a selection left behind, timings apart."""

    trials: str
    toml: dict[str, Any]
    records: dict[str, tuple[str, bytes]]


def untimed(value: Any) -> Any:
    """Return a record's document, or part of one, without what the clock says."""
    if isinstance(value, dict):
        return {key: untimed(inner) for key, inner in value.items() if key not in ("time", "seconds", "memory")}
    return [untimed(inner) for inner in value] if isinstance(value, list) else value


def untimed_csv(text: str) -> str:
    rows = [{**row, "seconds": ""} for row in csv.DictReader(io.StringIO(text))]
    return json.dumps(rows)


def without_load(document: dict[str, Any]) -> str:
    """Return a record's document as text, without clocks, and without how busy the machine was."""
    varying = dict.fromkeys(("environment", "files", "seal", "usage"))
    return json.dumps(untimed({**document, **varying}), sort_keys=True)


class Firewall:
    """Runs selections on data that differ in nothing but their test items."""

    def __init__(self, folder: Path, train: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._train, self._monkeypatch = folder, train, monkeypatch

    def enter(self, name: str, test_items: Sequence[int]) -> Data:
        """Write the data into a folder of their own, under the same relative path, and go there."""
        place = self._folder / name
        place.mkdir()
        lines = ["user,item,timestamp", *(",".join(map(str, row)) for row in rows_with(test_items, self._train))]
        (place / FILE).write_text("\n".join([*lines, ""]))
        (place / "grid.toml").write_text(GRID)
        self._monkeypatch.chdir(place)
        return Data(FILE, negatives=N_NEGATIVES)

    def search_grid(self, name: str, test_items: Sequence[int], seeds: Sequence[int] = (0, 1)) -> Selected:
        data = self.enter(name, test_items)
        place = self._folder / name
        with jobs_here():
            bench.tune(data, grid=place / "grid.toml", seeds=seeds, patience=2, threads=1, jobs=2, out=RESULTS)
        records = {
            folder.name: (
                without_load(json.loads((folder / "record.json").read_text())),
                (folder / ARRAYS).read_bytes(),
            )
            for folder in sorted((place / RESULTS / "records").iterdir())
        }
        trials = untimed_csv((place / RESULTS / "trials.csv").read_text())
        return Selected(trials, untimed(tomllib.loads((place / RESULTS / "tuned.toml").read_text())), records)

    def tune(self, name: str, test_items: Sequence[int], trials: int) -> tuple[str, Any]:
        """Return the trials and what was best of them."""
        data = self.enter(name, test_items)
        with jobs_here():
            bench.tune(data, ["als:epochs=5", "ease"], trials=trials, patience=2, threads=1, jobs=2, out=RESULTS)
        results = self._folder / name / RESULTS
        return untimed_csv((results / "trials.csv").read_text()), untimed(
            tomllib.loads((results / "tuned.toml").read_text())
        )

    def stop_early(
        self, name: str, test_items: Sequence[int], validate_on: Callable[[Task, Task], Task]
    ) -> tuple[Task, Record]:
        """Run one recommender with early stopping; return the test task, and the record."""
        data = self.enter(name, test_items)
        dataset = data.load()
        test = data.test_task(dataset)
        jobs = plan_jobs(
            choose(["als:epochs=8,embedding_size=4"]),
            (0,),
            threads=1,
            environment={},
            task=test,
            validation=validate_on(test, data.validation_task(dataset)),
            patience=2,
            full_limit=10**6,
        )
        (record,) = run_jobs(jobs, Store(self._folder / name / RESULTS), timeout=100, progress=Silence())
        return test, record


@pytest.fixture
def firewall(tmp_path: Path, train: Rows, monkeypatch: pytest.MonkeyPatch) -> Firewall:
    return Firewall(tmp_path, train, monkeypatch)


def first(untouched: list[list[int]]) -> list[int]:
    return [items[0] for items in untouched]


REPLACEMENTS: dict[str, Callable[[list[list[int]]], list[int]]] = {
    "by an item that others train on": lambda untouched: [items[-1] for items in untouched],
    # Without the first user's item, which others train on, no user would be compared (P7).
    "by an item that nobody trains on": lambda untouched: [
        untouched[0][-1],
        *(N_ITEMS + user for user in range(1, len(untouched))),
    ],
}


def test_a_grid_search_finds_the_same_whatever_the_test_items_are(
    firewall: Firewall, untouched: list[list[int]]
) -> None:
    """P8, P21: epochs, parameters, validation scores, and the ranks of each user."""
    one = firewall.search_grid("one", first(untouched))
    # Two embedding sizes with two seeds, and two regularisers of what is deterministic.
    assert len(one.records) == 6
    assert '"failed"' not in "".join(document for document, _ in one.records.values())
    for replacement, replace in REPLACEMENTS.items():
        replaced = replace(untouched)
        assert all(before != after for before, after in zip(first(untouched), replaced, strict=True))
        assert firewall.search_grid(replacement, replaced) == one, replacement


def test_tuning_finds_the_same_whatever_the_test_items_are(
    firewall: Firewall, untouched: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """P8, P21: what is suggested next depends on all validation scores so far. And a leak, again, is found."""
    replaced = REPLACEMENTS["by an item that others train on"](untouched)
    assert firewall.tune("other", replaced, 3) == firewall.tune("one", first(untouched), 3)
    monkeypatch.setattr(Data, "validation_task", Data.test_task)
    leaked, other = firewall.tune("leaked", first(untouched), 1), firewall.tune("leaked otherwise", replaced, 1)
    assert leaked[0] != other[0]
    assert leaked[1] != other[1]


def test_early_stopping_chooses_the_same_whatever_the_test_items_are(
    firewall: Firewall, untouched: list[list[int]]
) -> None:
    """P8, P21: and the model that is refitted then learns the same; only what it is measured by is another.

    Unless the new items are new to the catalogue: a test item that nobody trains on (P7) has an index, too.
    """

    def validation(_: Task, validation: Task) -> Task:
        return validation

    test, one = firewall.stop_early("one", first(untouched), validation)
    assert one.document["selection"]["curve"]
    assert one.ranks is not None
    for replacement, replace in REPLACEMENTS.items():
        other_test, other = firewall.stop_early(replacement, replace(untouched), validation)
        assert test.digest != other_test.digest
        assert untimed(other.document["selection"]) == untimed(one.document["selection"]), replacement
        assert len(other.document["curve"]) == len(one.document["curve"]) == one.document["selection"]["best_epoch"]
        if other_test.train.n_items == test.train.n_items:
            assert untimed(other.document["curve"]) == untimed(one.document["curve"]), replacement
        assert other.ranks is not None
        assert not np.array_equal(one.ranks.n_better, other.ranks.n_better), replacement


def test_a_grid_search_that_is_handed_the_test_task_is_found(
    firewall: Firewall, untouched: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what the tests above compare is not the same whatever selects."""
    monkeypatch.setattr(Data, "validation_task", Data.test_task)
    one = firewall.search_grid("one", first(untouched), seeds=(0,))
    other = firewall.search_grid("other", REPLACEMENTS["by an item that others train on"](untouched), seeds=(0,))
    assert other.trials != one.trials
    assert other.toml != one.toml
    assert not one.records.keys() & other.records.keys()


def test_early_stopping_that_is_handed_the_test_task_is_found(firewall: Firewall, untouched: list[list[int]]) -> None:
    """The negative control of the other half."""

    def leak(test: Task, _: Task) -> Task:
        return test

    with jobs_here():
        _, one = firewall.stop_early("one", first(untouched), leak)
        _, other = firewall.stop_early("other", REPLACEMENTS["by an item that others train on"](untouched), leak)
    assert untimed(other.document["selection"]) != untimed(one.document["selection"])

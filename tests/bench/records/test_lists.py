"""Records without their lists of best items, which are read where they are needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from study_folders import rows_of, write_study

import bench
from bench.actions.results import Results
from bench.actions.study_results import StudyResults
from bench.records.lists import with_lists, without_lists
from bench.records.store import RECORDS, Store
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"))


def test_records_without_lists_are_the_same_otherwise(folder: Path) -> None:
    store = Store(folder / "three")
    for whole, bare in zip(store.records(), store.records(with_lists=False), strict=True):
        assert bare.top_items is None
        assert bare.document == whole.document
        for name in ("ranks", "full_ranks", "counts"):
            ours, theirs = getattr(bare, name), getattr(whole, name)
            assert (ours is None) == (theirs is None) == whole.failed
            for part in vars(ours) if ours is not None else ():
                np.testing.assert_array_equal(getattr(ours, part), getattr(theirs, part))
    again = with_lists(store.records(with_lists=False), store.folder)
    for one, other in zip(again, store.records(), strict=True):
        assert (one.top_items is None) == one.failed
        if one.top_items is not None:
            np.testing.assert_array_equal(one.top_items, other.top_items)


def test_a_study_holds_no_lists_and_its_datasets_have_them(folder: Path) -> None:
    found = bench.table(folder)
    assert isinstance(found, StudyResults)
    assert all(record.top_items is None for dataset in found.datasets for record in dataset.records)
    alone = bench.table(folder / "one")
    assert isinstance(alone, Results)
    assert found.results_of("one").render("json") == alone.render("json")
    assert "coverage" in bench.render(found.results_of("one"), beyond_accuracy=True)


def test_lists_that_are_not_there_any_more_are_an_error(tmp_path: Path) -> None:
    store = Store(write_study(tmp_path) / "one")
    bare = without_lists(store.records())
    for place in (store.folder / RECORDS).glob("ease-*/record.json"):
        place.unlink()
    with pytest.raises(ProtocolError, match=r"ease-.*record.json is damaged \(there is no such file\)"):
        with_lists(bare, store.folder)


def test_lists_of_another_record_are_refused(tmp_path: Path) -> None:
    store = Store(write_study(tmp_path) / "one")
    bare = without_lists(store.records())
    (ease,) = [record for record in store.records() if record.recommender.name == "ease"]
    assert ease.full_ranks is not None
    store.add(replace(ease, full_ranks=replace(ease.full_ranks, n_better=ease.full_ranks.n_better + 1)))
    with pytest.raises(ProtocolError, match="was replaced by a record with other ranks meanwhile; read the results"):
        with_lists(bare, store.folder)


def test_records_with_their_lists_and_failures_are_left_as_they_are(tmp_path: Path) -> None:
    made = rows_of("three")
    assert all(one is other for one, other in zip(with_lists(made, tmp_path), made, strict=True))

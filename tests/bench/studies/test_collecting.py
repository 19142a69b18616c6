"""The datasets of a study from their folders: what makes no study is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from studies import dataset_of

from bench.records.results_folders import is_study
from bench.records.store import Store
from bench.studies.collecting import check_datasets, figure_of, read_folders
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.studies.columns import DatasetRecords

ROWS = {"ease": [0, 1, 2], "als": [1, 2, 3]}


def stored(folder: Path, dataset: DatasetRecords) -> Path:
    for record in dataset.records:
        Store(folder).add(record)
    return folder


def test_folders_and_the_folder_of_a_study(tmp_path: Path) -> None:
    one = stored(tmp_path / "study" / "first", dataset_of("one", ROWS))
    two = stored(tmp_path / "study" / "second", dataset_of("two", ROWS))
    (tmp_path / "study" / "tuning" / "first").mkdir(parents=True)
    assert [each.name for each in read_folders([one, two])] == ["one", "two"]
    assert [each.name for each in read_folders([tmp_path / "study"])] == ["first", "second"]
    assert is_study(tmp_path / "study")
    assert not is_study(one)
    assert not is_study(tmp_path / "nowhere")


def test_one_folder_twice(tmp_path: Path) -> None:
    one = stored(tmp_path / "one", dataset_of("one", ROWS))
    with pytest.raises(ProtocolError, match="is given twice; give each dataset once"):
        read_folders([one, tmp_path / "one" / ".." / "one"])


def test_a_folder_without_records(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="holds no records"):
        read_folders([stored(tmp_path / "one", dataset_of("one", ROWS)), tmp_path / "nothing"])


def test_one_dataset_under_two_names() -> None:
    one = dataset_of("one", ROWS)
    with pytest.raises(ProtocolError, match=r"the same interactions .* would count twice; give each dataset once$"):
        check_datasets([one, replace(one, name="other")])


def test_one_dataset_under_two_splits() -> None:
    one, other = dataset_of("one", ROWS), dataset_of("one", ROWS)
    for record in other.records:
        record.document["task"]["digest"] = "f" * 64
    with pytest.raises(
        ProtocolError, match="count twice; give each dataset once, or compare splits of one dataset with"
    ):
        check_datasets([one, replace(other, name="other")])


def test_two_datasets_of_one_name() -> None:
    with pytest.raises(ProtocolError, match="two datasets of one name, one"):
        check_datasets([dataset_of("one", ROWS), replace(dataset_of("two", ROWS), name="one")])


def test_trials_of_a_search() -> None:
    dataset = dataset_of("one", ROWS)
    for record in dataset.records:
        record.document["task"]["purpose"] = "validation"
    with pytest.raises(ProtocolError, match="one holds trials of a search on the validation task of one, expected"):
        check_datasets([dataset])


def test_folders_of_different_figures_need_a_common_view() -> None:
    drawn, full = dataset_of("one", ROWS), dataset_of("two", ROWS, n_negatives=0)
    for view in (None, "sampled", "expected"):
        with pytest.raises(ProtocolError, match=r"NDCG@10 is measured on two against every untouched item, and on one"):
            figure_of([drawn, full], "NDCG", 10, view)
    assert figure_of([drawn, full], "NDCG", 10, "full").name == "full NDCG@10"
    assert figure_of([full], "HR", 5, None).name == "full HR@5"
    assert figure_of([drawn], "HR", 5, None).name == "HR@5"

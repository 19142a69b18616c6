"""`bench.table` and `bench.render` find several datasets where the command line does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from study_folders import DATASETS, write_study

import bench
from bench.actions.results import Results
from bench.actions.study_results import StudyResults, results_over
from bench.cli.main import main
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"))


@pytest.mark.parametrize("form", ["terminal", "csv", "csv-long", "json"])
def test_the_folder_of_a_study_is_a_table_over_its_datasets(
    folder: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", str(folder), "--format", form, "--notes"]) == 0
    printed = capsys.readouterr().out
    for given in (folder, str(folder), [folder], [folder / name for name in sorted(DATASETS)]):
        found = bench.table(given)
        assert isinstance(found, StudyResults)
        assert found.render(form) == bench.render(given, form) == printed


def test_the_table_of_a_study_is_shown_in_another_way(folder: Path) -> None:
    shown = bench.table(results_over([folder], k=5, baseline="ease"), metrics="HR", views="full")
    assert shown.comparison.figure.name == "full HR@5"
    assert shown.comparison.baseline == "ease"
    assert bench.render(shown, "csv", metrics="NDCG").startswith("recommender,")


def test_one_dataset_of_a_study_is_one_table(folder: Path) -> None:
    assert isinstance(bench.table(folder / "one"), Results)
    with pytest.raises(ProtocolError, match="unknown table format 'csv-long'"):
        bench.render(folder / "one", "csv-long")


def test_what_a_table_over_datasets_does_not_show_is_refused(folder: Path) -> None:
    with pytest.raises(ProtocolError, match="a table over datasets does not show slices"):
        bench.table(folder, slices=True)
    with pytest.raises(ProtocolError, match="give labels to the run"):
        bench.table(folder, labels={"ease": "EASE"})

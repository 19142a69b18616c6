"""Folders of results in a folder: repeated splits and studies are told apart, and named where one task is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from studies import dataset_of

import bench
from bench.cli.main import main
from bench.records.results_folders import (
    check_no_records,
    check_no_splits,
    folder_of_split,
    folders_of_splits,
    is_study,
    refuse_several,
)
from bench.records.store import Store
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

RECORD = dataset_of("one", {"ease": range(12)}).records[0]


def holding(folder: Path, *inside: str) -> Path:
    """Store a record in each folder that is named, and return the folder."""
    for name in inside:
        Store(folder / name).add(RECORD)
    return folder


def test_the_folder_of_a_split_has_no_signs_that_a_system_refuses(tmp_path: Path) -> None:
    assert folder_of_split(tmp_path, "time:0.9,target=last") == tmp_path / "splits" / "time-0.9-target-last"


def test_splits_and_studies_are_told_apart(tmp_path: Path) -> None:
    splits = holding(tmp_path / "splits-of-one", "splits/a", "splits/b")
    study = holding(tmp_path / "study", "one", "splits")
    alone = holding(tmp_path / "alone", ".")
    (splits / "splits" / "empty").mkdir()
    assert [path.name for path in folders_of_splits(splits)] == ["a", "b"]
    assert not is_study(splits)
    assert folders_of_splits(study) == []
    assert is_study(study)
    assert folders_of_splits(alone) == []
    assert not is_study(alone)
    refuse_several(alone)
    refuse_several(tmp_path / "nowhere")
    with pytest.raises(
        ProtocolError, match=r"holds several splits, and this is about one; name .*splits/a, .*splits/b$"
    ):
        refuse_several(splits)
    with pytest.raises(
        ProtocolError, match=r"holds the datasets of a study, .* one of them: .*study/one, .*study/splits$"
    ):
        refuse_several(study)


def test_records_of_one_task_and_folders_of_several_do_not_share_a_folder(tmp_path: Path) -> None:
    splits, alone = holding(tmp_path / "several", "splits/a"), holding(tmp_path / "alone", ".")
    check_no_records(splits, "a study")
    check_no_splits(alone)
    with pytest.raises(
        ProtocolError, match="records of one split of one dataset; name another folder for a study with"
    ):
        check_no_records(alone, "a study")
    with pytest.raises(ProtocolError, match="holds the records of repeated splits; name another folder for one split"):
        check_no_splits(splits)


@pytest.mark.parametrize("inside", ["splits/a", "one"])
def test_commands_about_one_task_name_the_folders(
    inside: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(holding(tmp_path / "out", inside))
    commands: dict[str, list[str]] = {
        "verify": [],
        "report": [],
        "compare": ["ease", "als"],
        "plot": ["--output", str(tmp_path / "a.svg")],
        "recommend": ["ease", "--user", "1"],
    }
    del commands["report"]  # Repeated splits and a study have pages of their own.
    if inside == "one":  # A study has charts, too.
        del commands["plot"]
    for command, more in commands.items():
        words = ["forest", folder] if command == "plot" else [folder]
        assert main([command, *words, *more]) == 2, command
        error = capsys.readouterr().err
        assert f"and this is about one; name the folder of one of them: {folder}/{inside}" in error, command
    assert main(["table", folder, str(tmp_path)]) == 2


def test_a_table_over_datasets_takes_no_repeated_splits(tmp_path: Path) -> None:
    folders = [holding(tmp_path / "several", "splits/a"), holding(tmp_path / "alone", ".")]
    with pytest.raises(ProtocolError, match="several holds several splits, and this is about one"):
        bench.table(folders)


def test_no_run_and_no_scores_go_to_a_folder_of_repeated_splits(tmp_path: Path) -> None:
    out = holding(tmp_path / "out", "splits/a")
    options: dict[str, Any] = {"negatives": 20, "out": out}
    with pytest.raises(ProtocolError, match="holds the records of repeated splits"):
        bench.run("synthetic:60x80x900", ["popularity"], quiet=True, **options)
    (tmp_path / "scores.csv").write_text("user,item,score\n")
    with pytest.raises(ProtocolError, match="holds the records of repeated splits"):
        bench.score(tmp_path / "scores.csv", "synthetic:60x80x900", **options)
    with pytest.raises(ProtocolError, match="name another folder for a study"):
        bench.study(["synthetic:60x80x900"], ["popularity"], quiet=True, out=holding(tmp_path / "alone", "."))

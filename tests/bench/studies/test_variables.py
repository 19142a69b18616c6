"""Environment variables in the paths of a study: all of them, and a clear message where one is not set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.studies.study_file import read_study
from bench.studies.variables import with_variables
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

PATHS = """
plugins = ["${RECBENCH_CODE}/mine.py:Mine"]
out = "${RECBENCH_OUT}/study"

[tuning]
trials = 2
spaces = "${RECBENCH_CODE}/spaces.toml"

[data]
data_dir = "${RECBENCH_SETS}"

[[datasets]]
dataset = "${RECBENCH_SETS}/ratings.csv"

[[datasets]]
name = "lines"
dataset = "sequences:${RECBENCH_SETS}/lines.txt"
"""


def test_every_path_of_a_study_may_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECBENCH_CODE", "code")
    monkeypatch.setenv("RECBENCH_OUT", "/elsewhere")
    monkeypatch.setenv("RECBENCH_SETS", str(tmp_path / "sets"))
    path = tmp_path / "study.toml"
    path.write_text(PATHS)
    study = read_study(path)
    assert study.plugins == (f"{tmp_path}/code/mine.py:Mine",)
    assert str(study.out) == "/elsewhere/study"
    assert study.tuning is not None
    assert study.tuning.spaces == tmp_path / "code" / "spaces.toml"
    file, lines = study.datasets
    assert (file.data.dataset, file.name) == (f"{tmp_path}/sets/ratings.csv", "ratings")
    assert (file.data.data_dir, lines.data.dataset) == (tmp_path / "sets", f"sequences:{tmp_path}/sets/lines.txt")


@pytest.mark.parametrize("line", ['out = "${NOT_SET}/a"', '[data]\ndata_dir = "${NOT_SET}"'])
@pytest.mark.parametrize("value", [None, ""])
def test_one_that_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, value: str | None
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    if value is not None:
        monkeypatch.setenv("NOT_SET", value)
    path = tmp_path / "study.toml"
    path.write_text(f'datasets = ["ml-100k"]\n{line}\n')
    with pytest.raises(ProtocolError, match="the environment variable NOT_SET, which is not set; set it, as in `expor"):
        read_study(path)
    path.write_text('datasets = ["${NOT_SET}/ratings.csv"]')
    with pytest.raises(ProtocolError, match="NOT_SET, which is not set"):
        read_study(path)


def test_other_dollars_are_letters_of_a_name() -> None:
    for text in ("$HOME/a", "a$b", "${}", "$(pwd)", "${a-b}"):
        assert with_variables(text) == text

"""Results and files that do not fit: one message, exit code 2, and nothing is written."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.api import Data, run_records
from bench.cli import main
from bench.store import ARRAYS, DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Callable

DATASET = "synthetic:60x80x900"
RUN = ["run", "--dataset", DATASET, "--threads", "1", "--out", "results"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with results of two tasks, each with a row."""
    folder = tmp_path_factory.mktemp("made")
    for name, seed in (("results", 0), ("others", 1)):
        data = Data(DATASET, negatives=20, protocol_seed=seed)
        run_records(data, ["popularity"], threads=1, out=folder / name, quiet=True)
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def contents(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def change(file: str, edit: Callable[[bytes], bytes]) -> None:
    path = next(Path("results").rglob(file))
    path.write_bytes(edit(path.read_bytes()))


def merge() -> None:
    for folder in Path("others", "records").iterdir():
        shutil.copytree(folder, Path("results", "records", folder.name))


PROTOCOL_SEED = "they differ in candidates (3661e5bff2d1 against d3b58ae61043), protocol seed (0 against 1)"


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (merge, PROTOCOL_SEED),
        (
            lambda: change(DOCUMENT, lambda old: old.replace(b'"schema": 1', b'"schema": 2')),
            "a newer recbench; upgrade",
        ),
        (lambda: change(DOCUMENT, lambda old: old.replace(b'"schema": 1', b'"schema": "1"')), "nothing of its schema"),
        (
            lambda: change(DOCUMENT, lambda old: old.replace(b'"time"', b'"times"')),
            "is damaged (it has no time); remove",
        ),
        (lambda: change(DOCUMENT, lambda old: old[: len(old) // 2]), "record.json is damaged"),
        (lambda: change(ARRAYS, lambda old: old[: len(old) // 2]), "ranks.npz is damaged (its SHA-256 begins"),
        (lambda: change(ARRAYS, lambda old: b""), "ranks.npz is damaged"),
    ],
)
@pytest.mark.parametrize("command", [["table", "results"], ["compare", "results", "popularity", "ease"]])
def test_results_that_make_no_table(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    damage: Callable[[], None],
    expected: str,
) -> None:
    damage()
    check_refused(here, capsys, command, expected)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--negatives", "20", "--protocol-seed", "1"], PROTOCOL_SEED),
        (["--negatives", "21"], "they differ in candidates ("),
        (["--negatives", "20", "--dataset", "synthetic:60x81x900"], f"dataset ({DATASET} "),
    ],
)
def test_a_folder_of_another_task_is_not_added_to(
    here: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str
) -> None:
    """P18: what it held could be shown no more."""
    check_refused(here, capsys, [*RUN, "-r", "popularity", *options], expected)


def test_a_search_does_not_write_into_a_folder_of_results(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["tune", *RUN[1:], "--negatives", "20", "-r", "ease", "--trials", "1"]
    check_refused(here, capsys, command, "purpose (test against validation)")


def test_a_record_of_a_newer_recbench_is_not_replaced(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(DOCUMENT, lambda old: old.replace(b'"schema": 1', b'"schema": 2'))
    check_refused(here, capsys, [*RUN, "--negatives", "20", "-r", "popularity"], "a newer recbench; upgrade this one")


def test_parameters_of_another_recommender(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("tuned.toml").write_text("[ease]\nreg = 7\n")
    command = [*RUN, "--negatives", "20", "-r", "popularity", "--params", "tuned.toml"]
    check_refused(here, capsys, command, "tuned.toml has parameters of ease; this run has popularity")


def test_scores_without_a_user(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("scores.csv").write_text("user,item,score\n1,1,0.5\n")
    command = ["score", "scores.csv", "--dataset", DATASET, "--negatives", "20", "--out", "results"]
    check_refused(here, capsys, command, "60 of 60 evaluated users have no scores, such as user 0")


def check_refused(here: Path, capsys: pytest.CaptureFixture[str], command: list[str], expected: str) -> None:
    before = contents(here)
    assert main(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("recbench: error: ")
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert contents(here) == before

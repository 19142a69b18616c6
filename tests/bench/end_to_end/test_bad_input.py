"""Results and files that do not fit: one message, exit code 2, and nothing is written."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bench
from bench.cli.main import main
from bench.data import Data
from bench.records.store import ARRAYS, DOCUMENT
from protocol.data.loading import load_dataset
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("jobs_here")

DATASET = "synthetic:60x80x900"
RUN = ["run", "--dataset", DATASET, "--threads", "1", "--out", "results"]
SCORE = ["score", "scores.csv", "--dataset", DATASET, "--negatives", "20", "--out", "results"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with results of two tasks, each with a row."""
    folder = tmp_path_factory.mktemp("made")
    for name, seed in (("results", 0), ("others", 1)):
        data = Data(DATASET, negatives=20, protocol_seed=seed)
        bench.run(data, ["popularity"], threads=1, out=folder / name, quiet=True)
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


def write_scores(is_scored: Callable[[int], bool]) -> None:
    """Write a score for each candidate of some users; raw ids are indices."""
    candidates = build_task(load_dataset(DATASET), n_negatives=20).candidates
    rows = [
        f"{user},{item},0.5"
        for user, items in zip(candidates.users.tolist(), candidates.items.tolist(), strict=True)
        for item in items
        if is_scored(user)
    ]
    Path("scores.csv").write_text("\n".join(["user,item,score", *rows, ""]))


PROTOCOL_SEED = "they differ in candidates (3661e5bff2d1 against d3b58ae61043), protocol seed (0 against 1)"


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (merge, PROTOCOL_SEED),
        (
            lambda: change(DOCUMENT, lambda old: old.replace(b'"schema": 1', b'"schema": 2')),
            "a newer recbench; upgrade",
        ),
        (
            lambda: change(DOCUMENT, lambda old: old.replace(b'"schema": 1', b'"schema": "1"')),
            "does not say which schema it has",
        ),
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
    run = RUN if "--dataset" not in options else [option for option in RUN if option not in ("--dataset", DATASET)]
    check_refused(here, capsys, [*run, "-r", "popularity", *options], expected)


def test_a_search_does_not_write_into_a_folder_of_results(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["tune", *RUN[1:], "--negatives", "20", "-r", "ease", "--trials", "1"]
    check_refused(here, capsys, command, "purpose (test against validation)")


@pytest.mark.parametrize(
    "command",
    [
        [*RUN, "--negatives", "20", "-r", "popularity"],
        SCORE,
        ["tune", "--grid", "grid.toml", *RUN[1:], "--negatives", "20"],
        ["tune", *RUN[1:], "--negatives", "20", "-r", "ease", "--trials", "1"],
    ],
)
def test_a_record_of_a_newer_recbench_is_not_replaced(
    here: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    write_scores(lambda _: True)
    Path("grid.toml").write_text("[ease]\nreg = [7, 8]\n")
    change(DOCUMENT, lambda old: old.replace(b'"schema": 1', b'"schema": 2'))
    check_refused(here, capsys, command, "a newer recbench; upgrade this one")


@pytest.mark.parametrize(
    ("file", "asked", "expected"),
    [
        ("[ease]\nreg = 7\n", "popularity", "tuned.toml has parameters of ease; this run has popularity"),
        ("[ease]\nreg = 7\nshrinkage = 2\n", "ease", "tuned.toml: ease has no parameter 'shrinkage'"),
        ("[item_knn]\nreg = 7\n[ease]\nreg = 7\n", "ease", "tuned.toml: item_knn has no parameter 'reg'"),
        ("[popularity]\nreg = 7\n", "popularity", "tuned.toml: popularity has no parameter 'reg'"),
    ],
)
def test_parameters_of_another_recommender(
    here: Path, capsys: pytest.CaptureFixture[str], file: str, asked: str, expected: str
) -> None:
    """Also where some of the file would fit, or where it is not asked for."""
    Path("tuned.toml").write_text(file)
    check_refused(here, capsys, [*RUN, "--negatives", "20", "-r", asked, "--params", "tuned.toml"], expected)


def test_scores_without_a_user(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_scores(lambda user: user != 7)
    check_refused(here, capsys, SCORE, "1 of 60 evaluated users have no scores, such as user 7")


def check_refused(here: Path, capsys: pytest.CaptureFixture[str], command: list[str], expected: str) -> None:
    before = contents(here)
    assert main(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("recbench: error: ")
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert contents(here) == before

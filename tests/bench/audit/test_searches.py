"""What a search left beside its records says what the records say."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hand_made import record
from verified import BROKEN, found, message

import bench
from bench.audit.searches import search_problems
from bench.records.store import ARRAYS
from bench.tuning.trials import trial_of, trial_rows
from bench.writing.csv import csv_text

pytestmark = pytest.mark.usefixtures("jobs_here")

DATASET = "synthetic:60x80x900"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what two searches left, the second one's files: with epochs, failures, and records that both have."""
    folder = tmp_path_factory.mktemp("searched")
    plugin = folder / "broken.py"
    plugin.write_text(BROKEN)
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "patience": 1, "seeds": [0, 1], "out": folder / "out"}
    for text in (
        "[ease]\nreg = [7, 8, 9]\n",
        "[item_knn]\nneighbors = [5, 6]\nshrinkage = 5\n"
        '[mlp]\nepochs = 2\nlayers = ["8-4"]\n[broken]\n[ease]\nreg = [7, 8]\n',
    ):
        (folder / "grid.toml").write_text(text)
        bench.tune(DATASET, grid=folder / "grid.toml", plugins=[str(plugin)], **options)
    return folder / "out"


@pytest.fixture
def search(searched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(searched, tmp_path / "search"))


def test_what_a_search_leaves_is_in_order(search: Path) -> None:
    assert set(found(search).values()) == {"ok"}
    assert message(search, "search").startswith("trials.csv and tuned.toml: figures and parameters made again")


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("trials.csv", "neighbors=6", "neighbors=7", "trials.csv, trial 2: there is no record of these parameters"),
        ("trials.csv", "ease,reg=7,0,,0.", "ease,reg=7,0,,1.", "trial 7: its HR@10 is not what its record says"),
        ("trials.csv", "no luck", "luck", "its failure is not what its record says"),
        ("trials.csv", ",seconds,", ",s,", "trial 1: its seconds, s is not what its record says"),
        ("trials.csv", "ease,reg", "ease,reg,reg", "is no parameter"),
        ("tuned.toml", "seconds = ", "seconds = 1", "seconds is 1"),
        (
            "tuned.toml",
            "combinations = 2",
            "combinations = 1",
            "selection.item_knn.combinations is 1, and by the rec",
        ),
        ("tuned.toml", "    4,\n", "    8,\n", "mlp.layers is [8, 8], and by the records [8, 4]"),
        ("tuned.toml", "shrinkage", "reg", "item_knn.reg is 5.0, and by the records missing"),
        ("tuned.toml", 'dataset = "s', 'dataset = "S', "selection.dataset is Synthetic:60x80x900, and by"),
        ("tuned.toml", "[mlp]", "[random]\n[mlp]", "random is {}, and by the records missing"),
        ("tuned.toml", "[mlp]", "mlp]", "TOMLDecodeError"),
    ],
)
def test_what_a_search_wrote_and_its_records_do_not_say_is_found(
    search: Path, file: str, old: str, new: str, expected: str
) -> None:
    text = (search / file).read_text()
    assert old in text
    (search / file).write_text(text.replace(old, new, 1))
    checks = bench.verify(search)
    assert checks.loc["search", "status"] == "fail"
    assert expected in checks.loc["search", "message"]


def test_what_no_record_says_of_a_search_is_not_checked(search: Path) -> None:
    """Nor are other files there."""
    (search / "notes.toml").write_text("mine")
    assert found(search)["search"] == "ok"
    shutil.copy(search / "tuned.toml", search / "selected.toml")
    assert "trials.csv is of one of two searches" in message(search, "search")
    (search / "tuned.toml").unlink()
    assert message(search, "search").startswith("trials.csv and selected.toml: figures"), "as earlier versions wrote"
    (search / "trials.csv").unlink()
    assert found(search)["search"] == "warn"
    assert "selected.toml not checked: without trials.csv its records are unknown" in message(search, "search")
    (search / "selected.toml").unlink()
    assert "search" not in found(search)


def test_a_search_with_a_record_that_cannot_be_read_is_not_made_again(search: Path) -> None:
    next(search.rglob(ARRAYS)).write_bytes(b"")
    assert "cannot be made again: not all records can be read" in message(search, "search")


def test_the_figures_of_an_earlier_version_are_accepted_if_all_rows_have_them(tmp_path: Path) -> None:
    """P7: they were over all users, of whom the first one's held-out item is cold."""
    counts = ([5] * 3, [0, 1, 1], [1, 1])
    records = [record("ease:reg=1", [0, place, 50], seed=place, counts=counts) for place in (1, 2)]
    now, earlier = (
        csv_text(trial_rows([trial_of({"reg": 1.0}, one, over_all=over_all) for one in records])).splitlines()
        for over_all in (False, True)
    )
    assert now[1:] != earlier[1:]
    for lines in (now, earlier):
        (tmp_path / "trials.csv").write_text("\n".join(lines) + "\n")
        assert search_problems(tmp_path, records) == []
    (tmp_path / "trials.csv").write_text("\n".join([*earlier[:2], *now[2:]]) + "\n")
    assert "trial 1: its HR@10, NDCG@10 is not what its record says" in search_problems(tmp_path, records)[0]

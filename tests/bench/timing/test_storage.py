"""pytest-benchmark's own options and stored runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fabricated_timing import report
from pytest_benchmark.utils import get_machine_id

from bench.timing.baseline import read_baseline
from bench.timing.storage import Asked, stored_runs
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a storage with three runs of this machine, and one of another."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".benchmarks"
    for machine, names in ((get_machine_id(), ("0001_x", "0002_y", "0003_x")), ("Other-64bit", ("0009_x",))):
        (folder / machine).mkdir(parents=True)
        for name in names:
            (folder / machine / f"{name}.json").write_text(json.dumps(report({"fit": float(name[3])})))
    return folder


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("", ["0003_x"]),
        ("0001", ["0001_x"]),
        ("000[12]", ["0001_x", "0002_y"]),
        ("Other*/0009", ["0009_x"]),
    ],
)
@pytest.mark.parametrize("address", [None, ".benchmarks", "file://./.benchmarks"])
def test_runs_are_found_as_pytest_benchmark_finds_them(
    storage: Path, which: str, expected: list[str], address: str | None
) -> None:
    assert [path.stem for path in stored_runs(which, address)] == expected


@pytest.mark.parametrize(
    ("which", "address", "expected"),
    [
        ("0007", None, r"\.benchmarks holds no stored run 0007 \(there are: 0001, 0002, 0003"),
        ("", "nowhere", r"there is no folder nowhere with stored runs; store one with --benchmark-autosave"),
        ("", "elasticsearch+https://host/index", r"there is no folder elasticsearch\+https"),
        ("a/b/c", None, r"--benchmark-compare a/b/c: .* isn't an existing file"),
    ],
)
def test_a_run_that_is_not_there_is_named(storage: Path, which: str, address: str | None, expected: str) -> None:
    with pytest.raises(RecbenchError, match=expected):
        stored_runs(which, address)
    assert not (storage.parent / "nowhere").exists()


def test_a_stored_run_is_a_baseline(storage: Path) -> None:
    found = read_baseline(storage / get_machine_id() / "0002_y.json")
    assert found.timings["fit"].centre == pytest.approx(2.0)


def test_options_go_to_pytest_in_its_own_words(tmp_path: Path) -> None:
    assert list(Asked().words()) == ["--benchmark-quiet"]
    assert list(Asked(json=tmp_path, compare="").words()) == ["--benchmark-compare"]
    every = Asked(tmp_path, autosave=True, save="a", save_data=True, storage="b", compare="0001", histogram="c")
    assert list(every.words()) == [
        "--benchmark-autosave",
        "--benchmark-save=a",
        "--benchmark-save-data",
        "--benchmark-storage=b",
        "--benchmark-compare=0001",
        "--benchmark-histogram=c",
    ]
    assert list(Asked(histogram="").words()) == ["--benchmark-histogram"]
    assert not Asked(compare="", storage="b").writes
    assert all(one.writes for one in (Asked(json=tmp_path), Asked(save="a"), Asked(histogram="")))

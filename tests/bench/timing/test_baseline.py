"""The baseline on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fabricated_timing import ENVIRONMENT, sessions

from bench.timing.baseline import read_baseline, write_baseline
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = {"reference": "r", "threads": 1, "seconds": 1, "medians": [1], "errors": [0]}
MEASURED = sessions("tests/a.py::test_fit[als-10]", [0.97, 1.0, 1.2345678], noise=0.02)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "baseline.json"
    write_baseline(path, MEASURED)
    found = read_baseline(path)
    assert found.environment == ENVIRONMENT
    assert found.timings["tests/a.py::test_fit[als-10]"].medians == (0.97, 1.0, 1.235)
    write_baseline(tmp_path / "again.json", found)
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert len([line for line in path.read_text().splitlines() if "test_fit" in line]) == 1


def test_there_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(RecbenchError, match=r"there is no baseline .*--save"):
        read_baseline(tmp_path / "baseline.json")


@pytest.mark.parametrize("length", [0, 1, 40, 300, -5])
def test_a_cut_file_is_named(tmp_path: Path, length: int) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, MEASURED)
    path.write_text(path.read_text()[:length])
    with pytest.raises(RecbenchError, match=r"baseline\.json is not JSON, or was cut short"):
        read_baseline(path)


def test_a_whole_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"schema": 1, "environment": ENVIRONMENT, "benchmarks": {"fit": WHOLE}}))
    timing = read_baseline(path).timings["fit"]
    assert (timing.reference, timing.n_threads, timing.seconds, timing.medians) == ("r", 1, 1.0, (1.0,))


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000])
def test_what_python_cannot_read_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(RecbenchError, match=r"baseline\.json is not JSON, or was cut short"):
        read_baseline(path)


@pytest.mark.parametrize(
    "change",
    [
        {"benchmarks": None},
        {"benchmarks": {"fit": {}}},
        {"benchmarks": {"fit": WHOLE | {"medians": [0]}}},
        {"benchmarks": {"fit": WHOLE | {"medians": ["x"]}}},
        {"benchmarks": {"fit": WHOLE | {"medians": [1e300]}}},
        {"benchmarks": {"fit": WHOLE | {"seconds": 10**400}}},
        {"benchmarks": {"fit": WHOLE | {"errors": [float("inf")]}}},
        {"benchmarks": {"fit": WHOLE | {"threads": 0}}},
        {"benchmarks": {"fit": WHOLE | {"threads": None}}},
        {"environment": 3},
        {"environment": {"versions": 3}},
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, MEASURED)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RecbenchError, match="is no baseline, or not a whole one"):
        read_baseline(path)


@pytest.mark.parametrize("text", ["[]", "3", "null", "{}"])
def test_other_json_is_no_baseline(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(RecbenchError, match="is no baseline"):
        read_baseline(path)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text('{"schema": 2}')
    with pytest.raises(RecbenchError, match="schema 2, expected 1"):
        read_baseline(path)

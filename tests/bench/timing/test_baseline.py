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


@pytest.mark.parametrize(
    "change",
    [
        {"benchmarks": None},
        {"benchmarks": {"fit": {}}},
        {"benchmarks": {"fit": {"reference": "r", "seconds": 1, "medians": [0], "errors": [0]}}},
        {"benchmarks": {"fit": {"reference": "r", "seconds": 1, "medians": ["x"], "errors": [0]}}},
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

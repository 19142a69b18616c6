"""The script behind results/performance: every target is measured, and the page says what came out."""

from __future__ import annotations

import csv
import importlib
import io
import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "results" / "performance"
NAMES = ("mlp", "gmf", "neumf", "bpr", "als", "ease", "ranking", "catalogue", "drawing", "loading", "suite")


@pytest.fixture(scope="module")
def scripts():
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in ("measure", "targets", "outcomes")}
    finally:
        sys.path.remove(str(FOLDER))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("default")
def test_every_target_is_measured(scripts, name: str) -> None:
    """Small, so that the figures mean nothing; what has to be equal is."""
    outcomes = list(scripts["targets"].TARGETS[name](scripts["outcomes"].Setting(None, quick=True, threads=1)))
    assert outcomes
    for one in outcomes:
        json.dumps(asdict(one))
        assert one.target in (name, "overhead")
        assert "DIFFER" not in one.note
        assert (one.reached is None) == (one.ours is None and "equal" not in one.goal and "same" not in one.goal)


def test_the_names_are_those_of_the_targets(scripts) -> None:
    assert scripts["measure"].NAMES == tuple(scripts["targets"].TARGETS) == NAMES


def test_ratios_and_verdicts(scripts) -> None:
    case = scripts["outcomes"].Case("a", "b", 2)
    assert [
        (one.ratio, one.reached)
        for one in (
            case.faster(2.0, 20.0, "c", 10),
            case.faster(2.0, 19.0, "c", 10),
            case.within(3.0, 2.0, "c", 1.5),
            case.within(3.1, 2.0, "c", 1.5),
            case.at_least(3.0, 2.0, "c"),
            case.at_most(31.0, 30),
            case.skipped("c", "≤ 1", "no c here"),
        )
    ] == [(10, True), (9.5, False), (1.5, True), (1.55, False), (1.5, True), (None, False), (None, None)]


def test_the_page_and_the_table_have_every_outcome(scripts, monkeypatch, tmp_path: Path, capsys) -> None:
    case = scripts["outcomes"].Case("ranking", "ranks", 2)
    made = [case.faster(0.5, 20.0, "a heap", 10, "equal results"), case.skipped("ranx", "≥ 50 times", "not installed")]
    monkeypatch.setattr(scripts["measure"], "measure", lambda name, setting: made)
    assert scripts["measure"].main(["--only", "ranking", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "performance.md").read_text()
    assert capsys.readouterr().out == text
    assert "| ranking | ranks | a heap | 2 | 0.5 s | 20 s | 40 | ≥ 10 times as fast | yes |" in text
    assert "| ranking | ranks | ranx | 2 | - | - | - | ≥ 50 times | not measured |" in text
    rows = list(csv.DictReader(io.StringIO((tmp_path / "performance.csv").read_text())))
    assert [row["against"] for row in rows] == ["a heap", "ranx"]


def test_a_target_that_fails_is_an_outcome(scripts, monkeypatch) -> None:
    monkeypatch.setattr(scripts["measure"], "__file__", "/nowhere/measure.py")
    (one,) = scripts["measure"].measure("als", scripts["outcomes"].Setting(None, quick=True, threads=1))
    assert one.reached is False
    assert "exit code" in one.note

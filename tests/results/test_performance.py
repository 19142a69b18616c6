"""The script behind results/performance: every target is measured, and the page says what came out."""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
import pytest

from protocol.contract import FullRanker

FOLDER = Path(__file__).parents[2] / "results" / "performance"
NAMES = (
    "mlp", "gmf", "neumf", "bpr", "als", "ease", "als_steps", "rp3beta", "p3alpha", "slim", "pure_svd", "user_knn",
    "ranking", "catalogue", "drawing", "loading", "suite", "study", "growth", "towers", "torch", "light_gcn", "sasrec",
)  # fmt: skip


@pytest.fixture(scope="module")
def scripts():
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in ("measure", "targets", "outcomes", "references")}
    finally:
        sys.path.remove(str(FOLDER))


def assert_measured(name: str, outcomes: list[dict[str, Any]]) -> None:
    """What is small has figures that mean nothing; what has to be equal is, however small."""
    assert outcomes
    for one in outcomes:
        assert one["target"] in (name, "overhead")
        assert "DIFFER" not in one["note"]
        if "equal" in one["goal"]:
            assert one["reached"] is True
        needs_figure = "equal" not in one["goal"] and "same" not in one["goal"]
        assert (one["reached"] is None) == (one["ours"] is None and needs_figure)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name != "ranking"])
@pytest.mark.filterwarnings("default")
def test_every_target_is_measured(scripts, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # A target has a process of its own, and sets it as it likes.
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 1)
    outcomes = scripts["targets"].TARGETS[name](scripts["outcomes"].Setting(None, quick=True, threads=1))
    assert_measured(name, json.loads(json.dumps([asdict(one) for one in outcomes])))


@pytest.mark.slow
def test_ranking_is_measured_with_ranx_interpreted() -> None:
    """Numba takes 40 s to compile ranx, and nothing of ours in this target is compiled."""
    code = """
import json
from dataclasses import asdict
from outcomes import Setting
from targets import TARGETS
print(json.dumps([asdict(one) for one in TARGETS["ranking"](Setting(None, quick=True, threads=1))]))
"""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER, env=environment, capture_output=True, text=True, check=True
    )
    outcomes = json.loads(done.stdout)
    assert_measured("ranking", outcomes)
    assert outcomes[-1]["against"] == "ranx"


@pytest.mark.slow
def test_what_has_to_be_equal_is_said_of_two_fits(scripts) -> None:
    outcomes = scripts["targets"].TARGETS["bpr"](scripts["outcomes"].Setting(None, quick=True, threads=1))
    assert [one.what for one in outcomes if one.goal == "equal to the last bit"] == ["two fits with one seed"]


def test_memory_is_unavailable_where_its_peak_cannot_begin_anew(scripts, monkeypatch) -> None:
    monkeypatch.setattr(scripts["targets"], "reset_peak", lambda: False)
    outcomes = list(scripts["targets"].drawing(scripts["outcomes"].Setting(None, quick=True, threads=1)))
    (memory,) = [one for one in outcomes if one.goal.endswith("GiB")]
    assert (memory.ours, memory.reached) == (None, None)
    assert "unavailable" in memory.note


def test_what_is_timed_in_turn_is_warmed_up_first(scripts) -> None:
    calls = []
    works = {name: lambda name=name: calls.append(name) for name in "ab"}
    assert set(scripts["outcomes"].interleaved(works, 2)) == {"a", "b"}
    assert "".join(calls) == "ababab"


def test_full_ranking_is_timed_by_score_all(scripts) -> None:
    vectors = scripts["references"].Vectors(np.eye(3, dtype=np.float32), np.ones((5, 3), dtype=np.float32))
    assert isinstance(vectors, FullRanker)
    assert vectors.score_all(np.array([0, 2])).tolist() == [[1.0] * 5] * 2


def test_the_best_of_a_grid_is_chosen_among_all_settings(scripts, monkeypatch) -> None:
    tried = []
    monkeypatch.setattr(scripts["targets"], "evaluate", lambda model, task, full: SimpleNamespace(ranks=model))
    monkeypatch.setattr(scripts["targets"], "compared_users", lambda _: True)
    monkeypatch.setattr(scripts["targets"], "ndcg", lambda ranks, k: np.array([ranks]))

    def fit(a: float, b: float) -> SimpleNamespace:
        tried.append((a, b))
        return SimpleNamespace(of=lambda _: a - b)

    found = scripts["targets"]._best_of_grid(fit, {"a": (1, 3, 2), "b": (5, 4)}, None)
    assert found == (-1, {"a": 3, "b": 4})
    assert len(tried) == 6
    ours, theirs = scripts["targets"].ALS_GRIDS.values()
    assert [len(values) for values in ours.values()] == [len(values) for values in theirs.values()] == [3, 3]
    assert [1 + 1 / weight for weight in ours["unobserved_weight"]] == pytest.approx(theirs["alpha"])


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
    monkeypatch.setattr(scripts["measure"], "measure", lambda name, setting: [one])
    assert scripts["measure"].main(["--only", "als"]) == 1


def made_by(scripts, monkeypatch, folder: Path) -> Path:
    """Let every target come out at once and results be in a folder; return where the table goes."""
    case = scripts["outcomes"].Case("a", "b", 2)
    monkeypatch.setattr(scripts["measure"], "measure", lambda name, setting: [case.at_most(2.0, 30)])
    monkeypatch.setattr(scripts["measure"], "FOLDER", folder / "performance")
    (folder / "performance").mkdir()
    return folder / "performance" / "performance.csv"


def test_the_page_is_in_the_results_and_the_table_beside_the_script(scripts, monkeypatch, tmp_path: Path) -> None:
    table = made_by(scripts, monkeypatch, tmp_path)
    assert scripts["measure"].main([]) == 0
    assert (tmp_path / "performance.md").read_text().startswith("# How near to the limit?")
    assert len(table.read_text().splitlines()) == 1 + len(NAMES)


@pytest.mark.parametrize("options", [["--quick"], ["--only", "als"]])
def test_a_part_is_printed_and_not_written(scripts, monkeypatch, tmp_path: Path, capsys, options: list[str]) -> None:
    made_by(scripts, monkeypatch, tmp_path)
    assert scripts["measure"].main(options) == 0
    assert "| a | b |" in capsys.readouterr().out
    assert [path.name for path in tmp_path.rglob("*")] == ["performance"]

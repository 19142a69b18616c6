"""The simulation behind the marks over datasets: it runs, and it finds a rule that is wrong."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from scripts import load_script

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def simulation(monkeypatch: pytest.MonkeyPatch):
    module = load_script("simulation/simulate_studies.py")
    monkeypatch.setattr(module, "N_ROWS", (3, 5))
    monkeypatch.setattr(module, "N_DATASETS", (5, 10))
    return module


def test_it_writes_a_table_and_every_figure(simulation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulation.main(["--repetitions", "20", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "studies.md").read_text()
    assert text == capsys.readouterr().out
    with (tmp_path / "studies.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len([line for line in text.splitlines() if line.startswith(("| any", "| Fried"))]) == 8 + 2
    assert all(0 <= float(row["false_alarms"]) <= 1 for row in rows)


def test_a_critical_difference_that_is_too_small_is_found(simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it: most studies then have a wrong mark. With the right one no claim is off by more than chance."""
    monkeypatch.setattr(simulation, "FRIEDMAN_MOST", 0)
    right = list(simulation.simulate(3000, 0))
    assert max(one.false_alarms for one in right) <= 0.07
    monkeypatch.setattr(simulation, "critical_difference", lambda k, n: 1.2 * (k * (k + 1) / (6 * n)) ** 0.5)
    assert {one.verdict for one in simulation.simulate(3000, 0)} == {"NO"}

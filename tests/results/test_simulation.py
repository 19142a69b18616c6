"""The simulation behind the claims: it finds what is known, and it runs."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hand_made import record
from scripts import load_script

from bench.records.store import Store

if TYPE_CHECKING:
    from pathlib import Path

N = 400


@pytest.fixture(scope="module")
def simulation():
    return load_script("simulation/simulate.py")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_normal_values_are_covered_as_promised(simulation, rng) -> None:
    """Standard error of 2,000 repetitions: .005."""
    values = rng.normal(size=500)
    assert simulation.mean_coverage(values, 50, 2000, rng) == pytest.approx(0.95, abs=0.02)
    coverage, alarms = simulation.difference_rates(values[None] + 0.3, 50, 2000, rng)
    assert (coverage, alarms) == pytest.approx((0.95, 0.05), abs=0.02)


def test_training_that_is_not_counted_gives_false_alarms(simulation, rng) -> None:
    """A seed spread as large as the standard error over users: t = 1.96 is then 1.96 / sqrt(1 + 1) or less, often."""
    differences = np.repeat(rng.normal(size=(1, 500)), 3, axis=0) + 0.01 * rng.normal(size=(3, 500))
    spread = 3**0.5 / 100**0.5
    training = simulation.Training(3, spread)
    _, ignored = simulation.difference_rates(differences, 100, N, rng, training, counted=False)
    _, counted = simulation.difference_rates(differences, 100, N, rng, training)
    assert ignored > 0.12
    assert counted < 0.1


def test_the_seed_spread_by_hand(simulation) -> None:
    """Rows 1 2 3 and 3 4 8: the variance of the means 2 and 5 is 4.5, less MS_rest / 3 = .5, so 4: a spread of 2."""
    assert simulation.seed_spread_of(np.array([[1.0, 2, 3], [3, 4, 8]])) == pytest.approx(2)
    assert simulation.seed_spread_of(np.array([[1.0, 2, 6], [2, 3, 1]])) == 0


def test_equal_rows_are_told_apart_too_often_only_by_the_wrong_rule(simulation, rng) -> None:
    samples = [simulation.Sample(str(row), rng.normal(size=(1, 300)), deterministic=True) for row in range(6)]
    any_pair, with_best = simulation.family_rates(samples, 100, N, rng)
    assert any_pair < 0.08
    assert with_best > any_pair
    any_pair, _ = simulation.family_rates(samples, 100, N // 4, rng, simulation.Training(3, 0.1))
    assert any_pair < 0.12


def test_a_simulated_training_is_one_of_each_users_own(simulation, rng) -> None:
    values = np.array([[0.0, 1, 2], [10, 11, 12]])
    again = simulation.trained_again(values, np.array([2, 0, 2]), simulation.Training(50, 0.0), rng)
    assert again.shape == (50, 3)
    assert [sorted(set(of_user)) for of_user in again.T] == [[2, 12], [0, 10], [2, 12]]
    assert not np.array_equal(again[:, 0], again[:, 2]), "drawn for each user anew"
    assert simulation.with_one_mean(values).tolist() == [[5, 6, 7], [5, 6, 7]]


@pytest.mark.parametrize(
    ("promise", "coverage", "alarms", "verdict"),
    [
        ("exactly", 0.9401, 0.0599, "yes"),
        ("exactly", 0.9399, 0.05, "NO"),
        ("exactly", None, 0.0399, "NO"),
        ("exactly", 0.96, None, "yes"),
        ("at most", None, 0.001, "yes"),
        ("at most", None, 0.061, "NO"),
        ("none", 0.5, 0.5, "(contrast)"),
    ],
)
def test_verdicts(simulation, promise: str, coverage, alarms, verdict: str) -> None:
    assert simulation.Outcome("", promise, "NDCG@10", 9, 1, None, coverage, alarms).verdict == verdict


def test_the_conclusion_names_what_is_off_with_all_its_cases(simulation) -> None:
    def outcome(n_seeds: int, coverage: float, promise: str = "exactly"):
        return simulation.Outcome("A - B", promise, "HR@10", 9, n_seeds, None, coverage, 1 - coverage)

    kept, off = [outcome(5, 0.951), outcome(3, 0.949)], outcome(3, 0.925)
    text = simulation.conclusion([*kept, off, outcome(1, 0.5, "none")])
    assert text == (
        "2 of 3 claims keep within one percentage point what they promise. Not always: A - B, with 3 seeds, coverage "
        "92.5% to 94.9%, false alarms 5.1% to 7.5%."
    )
    assert simulation.conclusion(kept) == "2 of 2 claims keep within one percentage point what they promise."


@pytest.fixture
def results(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    for label in ("als", "bpr", "gmf"):
        for seed in range(3):
            made = record(label, rng.integers(0, 20, 50), seed=seed, counts=([5] * 50, [1] * 50, [2, 1]))
            made.document["key"] = f"{label}{seed}".ljust(64, "0")
            Store(tmp_path).add(made)
    return tmp_path


def test_it_writes_a_table_and_every_figure(simulation, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulation.main([str(results), "als", "bpr", "--repetitions", "3", "--out", str(results)]) == 0
    text = (results / "simulation.md").read_text()
    assert text == capsys.readouterr().out
    assert "A is als, B is bpr, training seeds 0, 1, 2, on ml-100k" in text
    rows = list(csv.DictReader(io.StringIO((results / "simulation.csv").read_text())))
    assert len(rows) == len([line for line in text.splitlines() if line.startswith(("| A", "| any"))])
    assert {row["n_users"] for row in rows} == {"100", "943", "6040"}
    assert all(0 <= float(row["false_alarms"] or 0) <= 1 for row in rows)
    simulation.main([str(results), "als", "bpr", "--repetitions", "3", "--out", str(results)])
    assert (results / "simulation.md").read_text() == text, "the seed makes it repeatable"


def test_it_takes_the_best_random_rows_by_itself(simulation, results: Path) -> None:
    groups = {group.label: group for group in simulation.group_records(Store(results).records())}
    pair = simulation.choose_pair(groups, [])
    means = {label: simulation.sample_of(group, "NDCG").values.mean() for label, group in groups.items()}
    assert list(pair) == sorted(means, key=means.get, reverse=True)[:2]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(["als", "blr"], "did you mean 'bpr'"), (["als"], "two rows with 3 training seeds or more; run with --seeds 0-2")],
)
def test_bad_rows_are_one_message(simulation, results: Path, capsys, rows: list[str], expected: str) -> None:
    assert simulation.main([str(results), *rows]) == 2
    assert expected in capsys.readouterr().err

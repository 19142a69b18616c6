"""Trials: which combination is best, and what is written of each."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hand_made import record

from bench.tuning.trials import Trial, best_of, combination_of, trial_of, trial_rows
from bench.writing.csv import csv_text


def trial(name: str, seed: int, ndcg: float | None, epoch: int | None = None, **parameters: Any) -> Trial:
    if ndcg is None:
        return Trial(name, parameters, seed, None, None, None, None, failure="timeout: stopped after 60 s")
    return Trial(name, parameters, seed, epoch, ndcg + 0.2, ndcg, 1.5)


TRIALS = [
    trial("mlp", 0, 0.40, 10, reg=0.1),
    trial("mlp", 1, 0.30, 13, reg=0.1),
    trial("mlp", 0, 0.50, 40, reg=0.2),
    trial("mlp", 1, 0.10, 40, reg=0.2),
    trial("mlp", 0, 0.90, 1, reg=0.3),
    trial("mlp", 1, None, reg=0.3),
    trial("ease", 0, 0.37, reg=100.0),
    trial("ease", 0, 0.37, reg=200.0),
    trial("gmf", 0, None),
]


def test_the_best_mean_over_seeds_wins_and_epochs_are_the_mean_of_the_best() -> None:
    mlp, ease = best_of(TRIALS)
    # .40 and .30 beat .50 and .10; .90 with a failed seed is out; 10 and 13 epochs make 11.5, rounded to even 12.
    assert mlp.parameters == {"reg": 0.1, "epochs": 12}
    assert mlp.ndcg == pytest.approx(0.35)
    assert mlp.hit_rate == pytest.approx(0.55)
    assert (mlp.best_epochs, mlp.n_combinations, mlp.n_failed) == ((10, 13), 3, 1)
    assert ease.parameters == {"reg": 100.0}, "of equals the first one tried"
    assert ease.best_epochs == ()


def test_every_trial_is_written() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(trial_rows(TRIALS)))))
    assert len(rows) == len(TRIALS)
    assert rows[0] == {
        "recommender": "mlp",
        "parameters": "reg=0.1",
        "seed": "0",
        "best_epoch": "10",
        "HR@10": "0.6000000000000001",
        "NDCG@10": "0.4",
        "seconds": "1.5",
        "failure": "",
    }
    assert rows[5]["failure"] == "timeout: stopped after 60 s"
    assert rows[5]["NDCG@10"] == ""


def test_a_combination_is_the_same_however_its_parameters_are_ordered() -> None:
    assert combination_of({"reg": 1.0, "epochs": 2}) == combination_of({"epochs": 2, "reg": 1.0})
    assert combination_of({"reg": 1.0}) != combination_of({"reg": 2.0})


def test_a_trial_knows_the_most_epochs_and_the_patience_of_its_selection() -> None:
    selection = {"patience": 5, "best_epoch": 12, "seconds": 8.0, "validation_digest": "v", "curve": []}
    chosen = record("mlp", [0, 0, 1, 20], selection=selection)
    chosen.document["recommender"]["parameters"] = {"epochs": 60}
    made = trial_of({}, chosen)
    assert (made.best_epoch, made.most_epochs, made.patience) == (12, 60, 5)
    assert trial_of({}, record("ease", [0, 0, 1, 20])).most_epochs is None
    (best,) = best_of([made])
    assert (best.most_epochs, best.patience) == (60, 5)


def test_a_trial_is_over_the_users_whose_held_out_item_is_trained_on() -> None:
    """P7: the first two users' are cold; among all four users two are hits, among the others none."""
    made = record("ease", [0, 0, 50, 50], counts=([5] * 4, [0, 0, 1, 1], [1, 1]))
    now, earlier = (trial_of({}, made, over_all=over_all) for over_all in (False, True))
    assert (now.hit_rate, now.ndcg) == (0.0, 0.0)
    assert (earlier.hit_rate, earlier.ndcg) == (0.5, 0.5)

"""P7: users of the drawn views, and that ranking cold items first gains nothing there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.data.loading import load_dataset
from protocol.errors import ProtocolError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS
from protocol.tasks.compared import check_compared, compared_users, leaves_out_cold
from protocol.tasks.task import build_task, build_validation_task

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.tasks.task import Task

    Rows = list[tuple[int, int, int]]

ROWS = [(user, item, item) for user in range(6) for item in range(4)] + [(0, 90, 9), (1, 91, 9), (2, 3, 9)]
"""Items 90 and 91 occur once each, as the latest of users 0 and 1."""


def dataset_of(rows: Rows) -> Dataset:
    users, items, times = np.array(rows).T
    return Dataset.from_arrays("small", users, items, times)


class Bonus:
    """Scores by popularity and a taste of each user, with a bonus for items without training interactions."""

    def __init__(self, bonus: float) -> None:
        self.bonus = bonus

    def fit(self, train, *, rng):
        self.counts = np.bincount(train.items, minlength=train.n_items).astype(float)
        return self

    def score(self, users, items):
        taste = (users[:, None] * 7 + items * 13) % 5
        return self.counts[items] + taste + np.where(self.counts[items] == 0, self.bonus, 0.0)

    def score_all(self, users):
        items = np.arange(self.counts.size)
        return self.score(users, np.broadcast_to(items, (users.size, items.size)))


def test_users_of_cold_items_are_left_out_and_the_lists_stay() -> None:
    drawn = build_task(dataset_of(ROWS), n_negatives=1, short_users="all")
    assert drawn.candidates.users.tolist() == [0, 1, 2, 3, 4, 5]
    assert compared_users(drawn).tolist() == [False, False, True, True, True, True]
    assert compared_users(build_task(dataset_of(ROWS), n_negatives=0)).all()


def test_given_lists_and_the_full_ranking_leave_nobody_out() -> None:
    """P11, P25."""
    assert leaves_out_cold(100, "leave-last-out")
    assert not leaves_out_cold(100, "imported")
    assert not leaves_out_cold(0, "leave-last-out")


def test_only_cold_items_are_an_error() -> None:
    rows = [(user, item, item) for user in range(3) for item in range(3)] + [(user, 90 + user, 9) for user in range(3)]
    with pytest.raises(
        ProtocolError, match=r"none of the 3 held-out items of the test task has a training inter.*--negatives 0"
    ):
        check_compared(build_task(dataset_of(rows), n_negatives=1))
    check_compared(build_task(dataset_of(rows), n_negatives=0))


def values(task: Task, bonus: float) -> dict[str, np.ndarray]:
    """Return each metric of each compared user, among the candidates and over all draws."""
    found = evaluate(Bonus(bonus).fit(task.train, rng=None), task)
    users = compared_users(task)
    sampled, draws = found.ranks.of(users), Draws(found.full_ranks.of(users), task.candidates.negatives.shape[1])
    return {
        **{name: metric.values(sampled, 3) for name, metric in METRICS.items()},
        **{f"expected {name}": metric.expected(draws, 3) for name, metric in METRICS.items() if metric.expected},
    }


@given(st.integers(0, 500), st.floats(0.01, 1e6), st.sampled_from(("last", "time:0.6")), st.booleans())
def test_a_bonus_for_cold_items_never_raises_a_users_value(
    seed: int, bonus: float, split: str, is_validation: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows = [(user, int(item), int(rng.integers(99))) for user in range(12) for item in rng.choice(30, 6, replace=False)]
    rows += [(user, 100 + user, int(rng.integers(90, 120))) for user in range(6)]
    try:
        build = build_validation_task if is_validation else build_task
        task = build(dataset_of(rows), n_negatives=5, split=split)
        plain, cheat = values(task, 0.0), values(task, bonus)
    except ProtocolError:
        return
    for name, of_users in plain.items():
        assert (cheat[name] <= of_users + 1e-12).all(), name


@pytest.mark.realdata
def test_cold_first_gains_nothing_on_real_data(real_data: Path) -> None:
    """Over all users HR@10 rises from .594 to .6235 on ml-latest-small; over those compared it falls."""
    task = build_task(load_dataset(real_data / "ml-latest-small" / "ratings.csv"))
    users = compared_users(task)
    assert (users.size, np.count_nonzero(~users)) == (610, 23)
    plain, cheat = (evaluate(Bonus(bonus).fit(task.train, rng=None), task, full=False).ranks for bonus in (0.0, 1e9))
    for name in ("HR", "NDCG"):
        metric = METRICS[name].values
        assert metric(cheat, 10).mean() > metric(plain, 10).mean()
        assert (metric(cheat.of(users), 10) <= metric(plain.of(users), 10)).all()

"""The harness's loop: it times the recommender alone, stops early on validation, and leaves a usable model."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.running.training import Fit, Selected, fit, select_epochs, training_rng
from protocol.data.dataset import Dataset
from protocol.errors import RecommenderError
from protocol.tasks.compared import compared_users
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.tasks.task import Task


@dataclass
class Scripted:
    """After epoch ``e`` it ranks the held-out item first for ``hits[e - 1]`` of the users, and last for the others."""

    task: Task
    hits: list[int]
    epoch: int = 0
    closed: bool = False
    drawn: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        return len(self.hits)

    def fit_epochs(self, train: Any, *, rng: np.random.Generator) -> Iterator[float]:
        try:
            for epoch in range(1, len(self.hits) + 1):
                self.epoch = epoch
                self.drawn.append(rng.random())
                yield 1 / self.epoch
        finally:
            self.closed = True

    def fit(self, train: Any, *, rng: np.random.Generator) -> Scripted:
        raise AssertionError("the harness owns the loop")

    def score(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        heldout = np.zeros(self.task.train.n_users, np.int64)
        heldout[self.task.candidates.users] = self.task.candidates.heldout
        lucky = np.isin(users, self.task.candidates.users[: self.hits[self.epoch - 1]])
        return np.where(items == heldout[users][:, None], np.where(lucky, 1.0, -1.0)[:, None], 0.0)


def silent(*_: object) -> None:
    pass


def choose(model: Any, task: Task, patience: int) -> Selected:
    return select_epochs(model, task, rng=np.random.default_rng(0), patience=patience, name="m", on_epoch=silent)


@pytest.mark.parametrize(
    ("hits", "patience", "best_epoch", "n_run"),
    [
        ([1, 5, 9, 7, 8, 20], 2, 3, 5),
        ([1, 5, 9, 7, 8, 20], 3, 6, 6),
        ([9, 9, 9, 9], 2, 1, 3),
        ([3, 2, 1], 10, 1, 3),
        ([1, 2, 3], 1, 3, 3),
        ([4], 5, 1, 1),
    ],
)
def test_the_first_best_epoch_wins_and_patience_ends_the_search(
    validation: Task, hits: list[int], patience: int, best_epoch: int, n_run: int
) -> None:
    model = Scripted(validation, hits)
    selected = choose(model, validation, patience)
    chosen, evaluation = selected.selection, selected.evaluation
    assert chosen.best_epoch == best_epoch
    assert [line.epoch for line in chosen.curve] == list(range(1, n_run + 1))
    assert model.closed
    n_users = validation.candidates.n_evaluated
    assert [line.hit_rate for line in chosen.curve] == [pytest.approx(hit / n_users) for hit in hits[:n_run]]
    n_first = np.count_nonzero(evaluation.ranks.n_better == 0)
    assert n_first == hits[best_epoch - 1], "the evaluation is the best epoch's"


def test_no_epoch_no_choice(validation: Task) -> None:
    with pytest.raises(RecommenderError, match="m ran no epoch, so none can be chosen; ask for 1 or more"):
        choose(Scripted(validation, []), validation, 5)


@pytest.mark.parametrize(("n_epochs", "n_run"), [(None, 4), (2, 2), (9, 4)])
def test_fit_runs_so_many_epochs_and_closes_the_rest(task: Task, n_epochs: int | None, n_run: int) -> None:
    model, events = Scripted(task, [1, 2, 3, 4]), []
    fitted = fit(
        model, task.train, rng=np.random.default_rng(0), n_epochs=n_epochs, on_epoch=lambda *event: events.append(event)
    )
    assert model.epoch == n_run
    assert model.closed
    assert [line.loss for line in fitted.curve] == [1 / epoch for epoch in range(1, n_run + 1)]
    assert events == [(line, n_epochs or 4) for line in fitted.curve]


def test_stopping_early_draws_what_fewer_epochs_draw(task: Task) -> None:
    short, long = Scripted(task, [1, 2]), Scripted(task, [1, 2, 3, 4])
    fit(short, task.train, rng=training_rng(0, "fit"), on_epoch=silent)
    fit(long, task.train, rng=training_rng(0, "fit"), n_epochs=2, on_epoch=silent)
    assert short.drawn == long.drawn


def test_only_the_recommender_is_timed(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """P22: what the harness does between epochs is not on the clock."""
    clock = iter(range(100))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))

    def dawdle(*_: object) -> None:
        for _ in range(7):
            next(clock)

    fitted = fit(Scripted(task, [1, 2, 3]), task.train, rng=np.random.default_rng(0), on_epoch=dawdle)
    # Between two calls of the clock there is a second: one for making the iterator, one for each of the three epochs,
    # one for their end, and one for closing.
    assert [line.seconds for line in fitted.curve] == [2, 3, 4]
    assert fitted.seconds == 6


class Tidying(Scripted):
    """Does something when its epochs are over, which takes 0.3 s."""

    def fit_epochs(self, train: Any, *, rng: np.random.Generator) -> Iterator[float]:
        try:
            yield from super().fit_epochs(train, rng=rng)
        finally:
            time.sleep(0.3)


@pytest.mark.parametrize("n_epochs", [None, 1, 2])
def test_what_a_recommender_does_when_its_epochs_are_over_is_fitting(task: Task, n_epochs: int | None) -> None:
    """P22: also where the harness ends them."""
    fitted = fit(Tidying(task, [1, 2]), task.train, rng=np.random.default_rng(0), n_epochs=n_epochs, on_epoch=silent)
    assert fitted.seconds >= 0.3
    assert fitted.curve[-1].seconds <= fitted.seconds - 0.3


def test_a_selection_counts_the_end_of_its_epochs_too(validation: Task) -> None:
    selected = choose(Tidying(validation, [9, 1, 1, 1]), validation, patience=1)
    assert selected.selection.seconds >= selected.fit.seconds >= 0.3


def test_without_epochs_there_is_no_curve(task: Task) -> None:
    class Plain:
        def fit(self, train: Any, *, rng: np.random.Generator) -> Plain:
            self.fitted = True
            return self

        def score(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
            return items * 1.0

    model = Plain()
    fitted = fit(model, task.train, rng=np.random.default_rng(0), on_epoch=silent)
    assert isinstance(fitted, Fit)
    assert model.fitted
    assert fitted.curve == []
    assert fitted.seconds > 0


@dataclass
class Diverging(Scripted):
    """Its losses are 1, 1/2, 1/3 and so on, but for one epoch."""

    at: int = 3
    loss: float = float("nan")

    def fit_epochs(self, train: Any, *, rng: np.random.Generator) -> Iterator[float]:
        for loss in super().fit_epochs(train, rng=rng):
            yield self.loss if self.epoch == self.at else loss


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf"), np.float32("nan")])
def test_fitting_stops_at_a_loss_that_is_not_finite(task: Task, loss: float) -> None:
    model, events = Diverging(task, [1, 2, 3, 4, 5], loss=loss), []
    fitted = fit(
        model, task.train, rng=np.random.default_rng(0), on_epoch=lambda line, _: events.append((line.epoch, line.loss))
    )
    assert [line.loss for line in fitted.curve] == [1, 1 / 2, None]
    assert events == [(1, 1), (2, 1 / 2), (3, None)]
    assert (model.epoch, model.closed) == (3, True)


def test_a_selection_stops_there_and_chooses_among_the_epochs_before(validation: Task) -> None:
    """The third epoch would be the best one; it is not scored."""
    model = Diverging(validation, [2, 1, 9, 9, 9])
    selected = choose(model, validation, 5)
    assert (selected.selection.best_epoch, model.epoch, model.closed) == (1, 3, True)
    assert [(line.epoch, line.loss, line.hit_rate is None) for line in selected.selection.curve] == [
        (1, 1, False),
        (2, 1 / 2, False),
        (3, None, True),
    ]


def test_a_selection_whose_first_loss_is_not_finite_has_nothing_to_choose(validation: Task) -> None:
    with pytest.raises(RecommenderError, match="m: the loss of its first epoch was NaN or infinite, so none can be"):
        choose(Diverging(validation, [1, 2], at=1), validation, 5)


@pytest.mark.parametrize("loss", [None, "0.5"])
def test_an_epoch_without_a_loss_is_an_error_and_no_end(task: Task, loss: Any) -> None:
    class Wordless(Scripted):
        def fit_epochs(self, train: Any, *, rng: np.random.Generator) -> Iterator[float]:
            yield from [0.5, loss, 0.25]

    with pytest.raises(RecommenderError, match=f"fit_epochs yielded {loss!r}, expected the epoch's loss, a number"):
        fit(Wordless(task, [1, 2, 3]), task.train, rng=np.random.default_rng(0), on_epoch=silent)


def test_streams_differ_by_seed_and_purpose() -> None:
    """P20, P21: a training seed gives the selection and the fit streams of their own."""
    draws = {training_rng(seed, purpose).random() for seed in range(5) for purpose in ("fit", "selection")}
    assert len(draws) == 10
    assert training_rng(3, "fit").random() == training_rng(3, "fit").random()


@dataclass
class ColdFirst(Scripted):
    """It ranks the held-out items of users 0 to 4 first after epoch 1, and that of user 5 alone after epoch 2."""

    def score(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        is_lucky = users < 5 if self.epoch == 1 else users == 5
        return np.where((items == self.task.candidates.heldout[users][:, None]) == is_lucky[:, None], 1.0, 0.0)


def test_the_choice_is_over_users_whose_held_out_item_is_trained_on() -> None:
    """P7: those of users 0 to 4 are cold."""
    rows = [(user, item) for user in range(12) for item in range(6)] + [(user, 90 + user) for user in range(5)]
    users, items = np.array(rows).T
    task = build_task(Dataset.from_arrays("cold", users, items, items), n_negatives=3, short_users="all")
    assert compared_users(task).tolist() == [False] * 5 + [True] * 7
    chosen = choose(ColdFirst(task, [0, 0]), task, 5).selection
    assert chosen.best_epoch == 2
    assert chosen.n_users == 7
    first, second = chosen.curve
    assert first.ndcg < second.ndcg

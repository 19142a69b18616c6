"""Modules of histories, trained and scored: they learn what comes next, however they answer and by every loss."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from histories_by_hand import in_order
from modules_to_train import GRU4Rec, LastLogits, LastState, NextLogits, OwnWayOfHistories

from protocol.errors import RecommenderError
from recommenders.modules import blockwise, history_scoring, sequences
from recommenders.popularity import Popularity

USERS = np.arange(60, dtype=np.int32)
ITEMS = np.tile(np.arange(20, dtype=np.int32), (60, 1))
WAYS = [GRU4Rec, LastState, NextLogits, LastLogits, OwnWayOfHistories]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="session")
def reader_of(model_of):
    """Return a function that builds a small recommender of a module of histories."""
    return lambda module_class, **parameters: model_of(
        module_class, **{"batch_size": 16, "max_length": 8, **parameters}
    )


@pytest.mark.parametrize(
    ("module_class", "parameters"),
    [
        *((way, {}) for way in (GRU4Rec, NextLogits, OwnWayOfHistories)),
        *((way, {"batch_size": 60, "epochs": 12}) for way in (LastState, LastLogits)),
        *((GRU4Rec, {"loss": loss}) for loss in ("softmax", "bce", "bpr")),
        (NextLogits, {"loss": "bce"}),
        (GRU4Rec, {"precision": "bf16"}),
    ],
)
def test_the_next_item_is_learned_from_the_order(reader_of, circle, comes_next, module_class: type, parameters) -> None:
    """All items are equally popular, so that only the order tells."""
    model = reader_of(module_class, **{"epochs": 16, "embedding_size": 32, "learning_rate": 0.02, **parameters})
    losses = list(model.fit_epochs(circle[0], rng=rng()))
    assert losses[-1] < 0.6 * losses[0]
    assert comes_next(model) > 0.9
    assert comes_next(Popularity().fit(circle[0], rng=rng())) == 0


def test_a_gru4rec_has_no_line_of_training_and_few_of_its_own() -> None:
    assert len(inspect.getsource(GRU4Rec).strip().splitlines()) <= 15


@pytest.mark.parametrize("module_class", [GRU4Rec, OwnWayOfHistories])
def test_equal_seeds_give_equal_figures_whoever_scores_or_draws_between(reader_of, circle, module_class) -> None:
    """The module drops out by torch's global generator."""
    torch.manual_seed(1)
    plain = reader_of(module_class)
    losses = list(plain.fit_epochs(circle[0], rng=rng()))
    torch.manual_seed(2)
    disturbed, found = reader_of(module_class), []
    for loss in disturbed.fit_epochs(circle[0], rng=rng()):
        found.append(loss)
        disturbed.score(USERS, ITEMS)
        torch.rand(3)
    assert found == losses
    np.testing.assert_array_equal(disturbed.score(USERS, ITEMS), plain.score(USERS, ITEMS))
    other = reader_of(module_class).fit(circle[0], rng=rng(1))
    assert not np.array_equal(other.score(USERS, ITEMS), plain.score(USERS, ITEMS))


@pytest.mark.parametrize("module_class", WAYS)
def test_all_ways_to_score_agree(reader_of, circle, module_class, monkeypatch: pytest.MonkeyPatch) -> None:
    model = reader_of(module_class).fit(circle[0], rng=rng())
    expected = model.score(USERS, ITEMS)
    assert expected.dtype == np.float32
    np.testing.assert_allclose(model.score_all(USERS), expected, rtol=1e-5, atol=1e-6)
    some = np.array([51, 3, 3], np.int32)
    np.testing.assert_allclose(model.score(some, ITEMS[:3, ::-1]), expected[some, ::-1], rtol=1e-5, atol=1e-6)
    monkeypatch.setattr(history_scoring, "VALUES", 1000)
    np.testing.assert_allclose(model.score_all(USERS), expected, rtol=1e-5, atol=1e-6)


def test_vectors_of_users_are_computed_in_blocks(reader_of, circle, monkeypatch: pytest.MonkeyPatch) -> None:
    model = reader_of(GRU4Rec).fit(circle[0], rng=rng())
    expected = model.score_all(USERS)
    monkeypatch.setattr(history_scoring, "USERS", 7)
    again = reader_of(GRU4Rec).fit(circle[0], rng=rng())
    np.testing.assert_allclose(again.score_all(USERS), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("module_class", "loss"), [(NextLogits, "cross_entropy"), (GRU4Rec, "cross_entropy"), (GRU4Rec, "softmax")]
)
def test_blocks_change_no_loss(reader_of, circle, module_class, loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def losses() -> list[float]:
        return list(reader_of(module_class, loss=loss, dropout=0.0).fit_epochs(circle[0], rng=rng()))

    whole = losses()
    monkeypatch.setattr(blockwise, "SCORES", 7 * 20)
    monkeypatch.setattr(sequences, "VALUES", 5 * 8 * 20)
    np.testing.assert_allclose(losses(), whole, rtol=1e-4)


def test_what_the_module_gets(reader_of) -> None:
    """Histories of three items, of one, of none, and of both items of two: padding is behind the items."""
    seen = []

    class Watched(GRU4Rec):
        def __init__(self, n_users: int, n_items: int, max_length: int = 4) -> None:
            super().__init__(n_items)
            seen.append((n_users, n_items, max_length))

        def forward(self, histories: torch.Tensor) -> torch.Tensor:
            seen.extend(histories.tolist() if self.training else [])
            return super().forward(histories)

    train = in_order([[2, 0, 1], [1], [], [0, 2]], 3)
    model = reader_of(Watched, epochs=1, max_length=4).fit(train, rng=rng())
    assert seen[0] == (4, 3, 4)
    assert sorted(seen[1:]) == [[0, 3, 3, 3], [2, 0, 3, 3]]
    scores = model.score_all(np.arange(4, dtype=np.int32))
    assert not scores[2].any(), "a user without items"
    assert np.abs(scores[[0, 1, 3]]).min() > 0


def test_a_module_of_any_length_gets_no_padding_behind_the_longest_and_learns_the_same(reader_of, circle) -> None:
    seen = []

    class Any(GRU4Rec):
        any_length = True

        def forward(self, histories: torch.Tensor) -> torch.Tensor:
            seen.extend([histories.shape[1]] * self.training)
            return super().forward(histories)

    train = in_order(
        [history[: 2 + user % 7].tolist() for user, history in enumerate(circle[0].items.reshape(60, 9))], 20
    )
    whole, short = (
        list(reader_of(kind, dropout=0.0, epochs=3).fit_epochs(train, rng=rng())) for kind in (GRU4Rec, Any)
    )
    # Sums are in another order, and three epochs of Adam spread the rounding: of the first loss, 1.8, a millionth.
    np.testing.assert_allclose(short, whole, rtol=1e-4, atol=1e-5)
    assert max(seen) == 7


def test_a_training_step_gets_short_histories_of_a_module_of_any_length(reader_of) -> None:
    seen = []

    class Own(GRU4Rec):
        any_length = True

        def training_step(self, histories, positives, negatives):
            seen.append((histories.tolist(), positives.tolist(), negatives.shape))
            return self(histories).square().mean()

    reader_of(Own, epochs=1, max_length=3, n_negatives=5).fit(in_order([[2, 0]], 4), rng=rng())
    assert seen == [([[2]], [[0]], (1, 1, 5))]


def test_a_module_that_answers_once_gets_each_history_with_padding_in_front(reader_of) -> None:
    seen = []

    class Watched(LastState):
        def forward(self, histories: torch.Tensor) -> torch.Tensor:
            seen.extend(histories.tolist() if self.training else [])
            return super().forward(histories)

    reader_of(Watched, epochs=1, max_length=2).fit(in_order([[2, 0, 1, 3], [1], [], [0, 2]], 4), rng=rng())
    assert sorted(seen) == [[0, 1], [2, 0], [4, 0], [4, 2]]


def test_what_a_training_step_gets(reader_of) -> None:
    seen = []

    class Own(GRU4Rec):
        def training_step(self, histories, positives, negatives):
            seen.append((histories.tolist(), positives.tolist(), negatives.shape, negatives.unique().tolist()))
            return self(histories).square().mean()

    class OwnOnce(LastState):
        training_step = Own.training_step

    train = in_order([[2, 0]], 4)
    reader_of(Own, epochs=1, max_length=3, n_negatives=5).fit(train, rng=rng())
    reader_of(OwnOnce, epochs=1, max_length=3, n_negatives=5).fit(train, rng=rng())
    (each, once) = seen
    assert each == ([[2, 4, 4]], [[0, 4, 4]], (1, 3, 5), [1, 3, 4])
    assert once == ([[4, 4, 2]], [[0]], (1, 5), [1, 3])


@pytest.mark.parametrize("module_class", WAYS)
@pytest.mark.parametrize("histories", [[[], []], [[0], [1]], [[0, 1], [1, 0]], [[], [1, 0]]])
def test_edges_give_finite_scores(reader_of, module_class, histories) -> None:
    model = reader_of(module_class).fit(in_order(histories, 2), rng=rng())
    assert np.isfinite(model.score_all(np.arange(2, dtype=np.int32))).all()


@pytest.mark.parametrize("module_class", WAYS)
def test_a_stored_one_gives_the_same_scores(reader_of, circle, tmp_path, module_class) -> None:
    model = reader_of(module_class).fit(circle[0], rng=rng())
    model.save(tmp_path)
    new = reader_of(module_class).load(tmp_path)
    np.testing.assert_array_equal(new.score(USERS, ITEMS), model.score(USERS, ITEMS))
    np.testing.assert_array_equal(new.score_all(USERS), model.score_all(USERS))


def test_its_search_space_is_that_of_what_it_takes(reader_of) -> None:
    assert "max_length" in type(reader_of(GRU4Rec)).search_space()
    assert {"loss", "learning_rate"} & set(type(reader_of(OwnWayOfHistories)).search_space()) == {"learning_rate"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_length": 0}, "max_length is 0, expected 1 or more"),
        ({"loss": "bce", "n_negatives": 0}, "the loss bce needs negatives, and n_negatives is 0"),
    ],
)
def test_limits(reader_of, parameters, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        reader_of(GRU4Rec, **parameters)

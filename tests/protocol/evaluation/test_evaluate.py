"""Evaluation (P12, P13, P16, P19): known recommenders, brute force, and blocks that change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.errors import ScoreError
from protocol.evaluation import evaluate as module
from protocol.evaluation import ranking
from protocol.evaluation.evaluate import column_order, evaluate, with_random_repeats
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.tasks.task import Task, build_task


def dataset_of(seed: int = 0, n_users: int = 60, n_items: int = 150) -> Dataset:
    rng = np.random.default_rng(seed)
    rows = [
        (user, item, time)
        for user in range(n_users)
        for time, item in enumerate(rng.permutation(n_items)[: rng.integers(4, 30)])
    ]
    return Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))


def task_of(seed: int = 0, n_users: int = 60, n_items: int = 150, n_negatives: int = 20) -> Task:
    return build_task(dataset_of(seed, n_users, n_items), n_negatives=n_negatives)


def clocked(n_negatives: int) -> tuple[Dataset, Task]:
    """Return a dataset at random times of one clock, and its task of a global time split."""
    dataset = dataset_of()
    users, items = dataset.interactions.users, dataset.interactions.items
    dataset = Dataset.from_arrays("test", users, items, np.random.default_rng(2).integers(0, 500, users.size))
    return dataset, build_task(dataset, n_negatives=n_negatives, split="time:0.6")


class Table:
    """Scores every pair from a table, users x items."""

    def __init__(self, table) -> None:
        self.table = table

    def fit(self, train, *, rng):
        return self

    def score(self, users, items):
        return self.table[users[:, None], items]

    def score_all(self, users):
        return self.table[users]


class Constant(Table):
    def __init__(self) -> None:
        super().__init__(None)

    def score(self, users, items):
        return np.zeros(items.shape)

    score_all = None


class FirstColumn(Constant):
    """Bets on a column, as a cheat would that knows where held-out items usually are."""

    def score(self, users, items):
        return -np.broadcast_to(np.arange(items.shape[1], dtype=float), items.shape)


class MostRepeated(Constant):
    """Bets on the item that occurs most often in a row, as a cheat would that knows how short lists are filled up."""

    def score(self, users, items):
        return (items[:, :, None] == items[:, None, :]).sum(axis=2).astype(float)


def random_table(task: Task, seed: int = 1, levels: int = 30) -> Table:
    rng = np.random.default_rng(seed)
    return Table(rng.integers(0, levels, (task.train.n_users, task.train.n_items)).astype(float))


def counts(ranks) -> list[list[int]]:
    return [ranks.n_better.tolist(), ranks.n_tied.tolist(), ranks.n_rivals.tolist()]


def test_an_oracle_is_always_first() -> None:
    task = task_of()
    table = np.zeros((task.train.n_users, task.train.n_items))
    table[task.candidates.users, task.candidates.heldout] = 1
    evaluation = evaluate(Table(table), task)
    assert evaluation.ranks.n_better.max() == evaluation.ranks.n_tied.max() == 0
    assert evaluation.full_ranks.n_better.max() == evaluation.full_ranks.n_tied.max() == 0


def test_a_constant_is_at_chance() -> None:
    """P15."""
    evaluation = evaluate(Constant(), task_of())
    assert hit_rate(evaluation.ranks, 10).tolist() == pytest.approx([10 / 21] * 60)
    assert evaluation.full_ranks is None


def test_a_constant_has_ten_of_a_hundred_and_one() -> None:
    """P15: through the whole of the evaluation, exactly."""
    ranks = evaluate(Constant(), task_of(n_negatives=100)).ranks
    assert hit_rate(ranks, 10).tolist() == [10 / 101] * 60
    assert ndcg(ranks, 10).round(5).tolist() == [0.04499] * 60


def test_betting_on_a_column_is_at_chance() -> None:
    """P12: over 1,500 users HR@1 of the first column lies within 5 standard errors of 1/21."""
    evaluation = evaluate(FirstColumn(), task_of(n_users=1_500))
    chance = 1 / 21
    assert abs(hit_rate(evaluation.ranks, 1).mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / 1_500)


def short_task(n_users: int = 1_500) -> Task:
    """Return a task of which every user's list has 12 candidates and is filled up to 21 columns."""
    rows = [(user, (user + step) % 20, step) for user in range(n_users) for step in range(9)]
    dataset = Dataset.from_arrays("short", *(np.array(column) for column in zip(*rows, strict=True)))
    return build_task(dataset, n_negatives=20, short_users="all")


def test_betting_on_repeats_is_at_chance() -> None:
    """P10, P12: what fills up a short list does not tell which item is held out; expected HR@1 is 1/12."""
    evaluation = evaluate(MostRepeated(), short_task())
    assert set(evaluation.ranks.n_rivals.tolist()) == {11}
    chance = 1 / 12
    assert abs(hit_rate(evaluation.ranks, 1).mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / 1_500)


def test_repeats_are_any_item_of_the_row() -> None:
    """P11, P12: columns 2 and 4 do not count; each shows items 7, 5 and 6 equally often, the others stay."""
    items = np.tile(np.array([7, 5, 5, 6, 7], dtype=np.int32), (3_000, 1))
    is_rival = np.tile([True, False, True, False], (3_000, 1))
    shown = with_random_repeats(items, is_rival, np.arange(3_000, dtype=np.uint64))
    assert shown[:, [0, 1, 3]].tolist() == [[7, 5, 6]] * 3_000
    for column in (2, 4):
        counts = np.bincount(shown[:, column], minlength=8)[[5, 6, 7]]
        assert counts.sum() == 3_000
        assert np.all(np.abs(counts - 1_000) < 5 * np.sqrt(3_000 * 2 / 9))


def test_ranks_against_candidates_are_those_of_a_loop() -> None:
    """P13."""
    task = task_of()
    model = random_table(task)
    found = evaluate(model, task).ranks
    for row, (user, items) in enumerate(zip(task.candidates.users, task.candidates.items, strict=True)):
        own, *others = model.table[user, items]
        assert (found.n_better[row], found.n_tied[row]) == (sum(others > own), sum(others == own))


def test_full_ranks_are_those_of_a_loop_over_untouched_items() -> None:
    """P16."""
    task = task_of()
    model = random_table(task)
    found = evaluate(model, task).full_ranks
    trained = task.train.to_csr().toarray() > 0
    for row, (user, heldout) in enumerate(zip(task.candidates.users, task.candidates.heldout, strict=True)):
        rivals = [i for i in range(task.train.n_items) if not trained[user, i] and i != heldout]
        own = model.table[user, heldout]
        expected = (sum(model.table[user, rivals] > own), sum(model.table[user, rivals] == own), len(rivals))
        assert (found.n_better[row], found.n_tied[row], found.n_rivals[row]) == expected


@pytest.mark.parametrize("split", ["last", "time"])
def test_without_negatives_ranks_are_those_of_a_loop_over_all_that_was_never_touched(split: str) -> None:
    """P25, P26: not trained on, and not touched after the held-out item either."""
    dataset, task = clocked(0) if split == "time" else (dataset_of(), task_of(n_negatives=0))
    model = random_table(task)
    evaluation = evaluate(model, task, full=False)
    found = evaluation.ranks
    touched = dataset.interactions.to_csr().toarray() > 0
    assert bool(len(task.later)) == (split == "time")
    for row, (user, heldout) in enumerate(zip(task.candidates.users, task.candidates.heldout, strict=True)):
        own, others = model.table[user, heldout], model.table[user, ~touched[user]]
        expected = (sum(others > own), sum(others == own), len(others))
        assert (found.n_better[row], found.n_tied[row], found.n_rivals[row]) == expected
        assert not set(evaluation.top_items[row].tolist()) & (set(np.flatnonzero(touched[user])) - {heldout})
    assert counts(evaluation.full_ranks) == counts(found)


def test_full_ranks_beside_candidates_leave_out_what_was_touched_later() -> None:
    """P16, P26: the full ranking is the same whether negatives are drawn or not."""
    _, task = clocked(20)
    model = random_table(task)
    assert counts(evaluate(model, task).full_ranks) == counts(evaluate(model, clocked(0)[1]).ranks)


class PairByPair(Table):
    """Scores candidates as they come, and not the catalogue at once."""

    score_all = None


def test_without_negatives_a_recommender_without_score_all_scores_every_item() -> None:
    """P25: the ranks and lists are the same, and no user is left out."""
    task = task_of(n_negatives=0)
    table = random_table(task).table
    one, other = evaluate(Table(table), task), evaluate(PairByPair(table), task)
    assert counts(other.ranks) == counts(one.ranks)
    assert other.top_items.tolist() == one.top_items.tolist()
    assert evaluate(PairByPair(table), task_of()).full_ranks is None


def test_blocks_of_all_items_are_sized_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """P19, P25: at 8 bytes a score, 149 items take 1,192: two users a block of 2,500 bytes, and never less than one."""
    task = task_of(n_negatives=0)
    assert task.train.n_items == 149
    shapes: list[tuple[int, int]] = []

    class Watched(PairByPair):
        def score(self, users, items):
            shapes.append(items.shape)
            assert items.tolist() == [list(range(149))] * users.size
            return super().score(users, items)

    monkeypatch.setattr(module, "BLOCK_BYTES", 2_500)
    evaluate(Watched(random_table(task).table), task)
    assert shapes == [(2, 149)] * 30
    shapes.clear()
    monkeypatch.setattr(module, "BLOCK_BYTES", 1)
    evaluate(Watched(random_table(task).table), task)
    assert shapes == [(1, 149)] * 60


def test_without_negatives_a_constant_has_ten_of_all_places() -> None:
    """P15, P25: a user with ``N`` untouched items is at each of ``N + 1`` ranks with the same chance."""
    task = task_of(n_negatives=0)
    ranks = evaluate(Constant(), task).ranks
    places = task.train.n_items - np.diff(task.train.offsets)[task.candidates.users]
    assert hit_rate(ranks, 10).tolist() == pytest.approx((10 / places).tolist())
    # The gains of the ranks 1 to 10 add up to 4.54356.
    assert ndcg(ranks, 10).tolist() == pytest.approx((4.543559338088346 / places).tolist())


def test_without_negatives_chance_and_an_oracle_get_what_arithmetic_says() -> None:
    """P25: over 1,500 users, within 5 standard errors of the mean chance; the oracle is always first."""
    task = task_of(n_users=1_500, n_negatives=0)
    places = task.n_rivals + 1
    chance, spread = (10 / places).mean(), np.sqrt((10 / places * (1 - 10 / places)).sum()) / 1_500
    found = hit_rate(evaluate(random_table(task, levels=10**9), task).ranks, 10).mean()
    assert abs(found - chance) < 5 * spread
    table = np.zeros((task.train.n_users, task.train.n_items))
    table[task.candidates.users, task.candidates.heldout] = 1
    assert ndcg(evaluate(PairByPair(table), task).ranks, 10).tolist() == [1.0] * 1_500


def test_top_items_are_the_best_that_were_not_trained_on() -> None:
    task = task_of(n_items=300)
    model = random_table(task, levels=10**6)
    found = evaluate(model, task).top_items
    assert found.shape == (60, 100)
    trained = task.train.to_csr().toarray() > 0
    for row, user in enumerate(task.candidates.users):
        untrained = np.flatnonzero(~trained[user])
        expected = untrained[np.argsort(-model.table[user, untrained], kind="stable")][:100]
        assert model.table[user, found[row]].tolist() == model.table[user, expected].tolist()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 3), st.sampled_from(["drawn", "short", "none"]))
def test_blocks_and_threads_change_nothing(block_bytes: int, ranked_bytes: int, threads: int, negatives: str) -> None:
    """P19."""
    task = (
        short_task(20)
        if negatives == "short"
        else task_of(n_users=20, n_items=60, n_negatives=20 * (negatives == "drawn"))
    )
    model = random_table(task)
    whole = evaluate(model, task)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_BYTES", block_bytes)
        patch.setattr(ranking, "RANKED_BYTES", ranked_bytes)
        blocked = evaluate(model, task, threads=threads)
    assert counts(blocked.ranks) == counts(whole.ranks)
    assert counts(blocked.full_ranks) == counts(whole.full_ranks)
    assert blocked.top_items.tolist() == whole.top_items.tolist()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32), st.booleans())
def test_the_order_of_columns_changes_nothing(seed: int, short: bool) -> None:
    """P12, P19."""
    task = short_task(20) if short else task_of(n_users=20, n_items=60)
    keys = np.random.default_rng(seed).integers(0, 2**64, task.column_keys.size, dtype=np.uint64)
    model = random_table(task)
    usual, other = evaluate(model, task), evaluate(model, replace(task, column_keys=keys))
    assert counts(other.ranks) == counts(usual.ranks)


def test_users_are_shown_their_candidates_in_a_random_order_of_their_own() -> None:
    """P12."""
    order = column_order(np.arange(4_000, dtype=np.uint64), 5)
    assert np.array_equal(np.sort(order, axis=1), np.broadcast_to(np.arange(5), order.shape))
    places = np.bincount(np.argmax(order == 0, axis=1), minlength=5)
    assert np.all(np.abs(places - 800) < 5 * np.sqrt(4_000 * 0.2 * 0.8))


def test_what_is_shown_cannot_be_written_into() -> None:
    class Writer(Constant):
        def score(self, users, items):
            items[:] = 0
            return super().score(users, items)

    with pytest.raises(ValueError, match="read-only"):
        evaluate(Writer(), task_of())


def test_answers_are_never_written_into() -> None:
    task = task_of()
    model = random_table(task)
    model.table.flags.writeable = False
    before = model.table.copy()
    evaluate(model, task)
    assert np.array_equal(model.table, before)


@pytest.mark.parametrize(("view", "n_negatives"), [("score", 20), ("score_all", 20), ("score_all", 0)])
def test_faulty_scores_name_the_recommender(view: str, n_negatives: int) -> None:
    """P14."""
    task = task_of(n_negatives=n_negatives)
    model = random_table(task)
    setattr(model, view, lambda users, *_: np.zeros((users.size, 3)))
    with pytest.raises(ScoreError, match=r"mine: scores have shape \(60, 3\), expected \(60, "):
        evaluate(model, task, name="mine")


def test_full_ranking_can_be_left_out() -> None:
    """P16."""
    task = task_of()
    assert evaluate(random_table(task), task, full=False).full_ranks is None


@pytest.mark.parametrize(("value", "kind"), [(np.nan, "NaN"), (np.inf, "infinite"), (-np.inf, "infinite")])
@pytest.mark.parametrize("threads", [1, 2])
def test_one_score_of_the_catalogue_that_is_no_number_is_found(value: float, kind: str, threads: int) -> None:
    """P14: of the items that were never touched, also in the last row."""
    task = task_of(n_negatives=0)
    model = mask_touched(random_table(task), task, -np.inf)
    n_untouched = int(np.isfinite(model.table).sum())
    model.table[task.candidates.users[-1], task.candidates.heldout[-1]] = value
    expected = rf"mine: 1 of {n_untouched} scores are not finite \(some are {kind}\)"
    with pytest.raises(ScoreError, match=expected):
        evaluate(model, task, name="mine", threads=threads)


def mask_touched(model: Table, task: Task, value: float) -> Table:
    """Return a copy of a table that gives a value to all that a user touched before or after the held-out item."""
    table = model.table.copy()
    for part in (task.train, task.later):
        table[part.users, part.items] = value
    return Table(table)


@pytest.mark.parametrize("value", [-np.inf, np.inf, np.nan, 1e300])
@pytest.mark.parametrize("n_negatives", [20, 0])
@pytest.mark.parametrize("has_later", [False, True])
def test_what_was_touched_is_not_ranked_and_may_have_any_score(value: float, n_negatives: int, has_later: bool) -> None:
    """P14: models give touched items `-inf`, so that no list holds them; what comes later is touched, too."""
    task = clocked(n_negatives)[1] if has_later else task_of(n_negatives=n_negatives)
    assert bool(task.later.users.size) == has_later
    model = random_table(task)
    masked = mask_touched(model, task, value)
    found, expected = evaluate(masked, task), evaluate(model, task)
    assert counts(found.full_ranks) == counts(expected.full_ranks)
    assert found.top_items.tolist() == expected.top_items.tolist()

"""Tasks: which results are comparable (P8, P18), and the wall between validation and test (P21)."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.tasks import listing
from protocol.tasks.listing import written_out
from protocol.tasks.task import Task, build_task, build_validation_task
from protocol.types import Interactions

N_USERS, N_ITEMS = 12, 40


def random_rows(seed: int, *, tied: bool = False) -> list[tuple[int, int, int]]:
    """Return (user, item, time) of users with 4 to 9 items each."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(N_USERS):
        for time, item in enumerate(rng.permutation(N_ITEMS)[: rng.integers(4, 10)]):
            rows.append((user, int(item), 0 if tied else time))
    return rows


def rows_of_one_clock(seed: int) -> list[tuple[int, int, int]]:
    """Return the same at times of one clock, 0 to 999: users begin and end whenever they like."""
    rng = np.random.default_rng(seed)
    return [(user, item, int(rng.integers(0, 1000))) for user, item, _ in random_rows(seed)]


def dataset_of(rows: list[tuple[int, int, int]]) -> Dataset:
    return Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))


def contents(task: Task) -> tuple:
    """Return everything a task consists of."""
    train, candidates, later = task.train, task.candidates, task.later
    arrays = (
        *(train.users, train.items, train.timestamps, later.users, later.items, later.timestamps),
        *(candidates.users, candidates.items, task.column_keys),
    )
    return (task.parts, task.facts, train.n_users, train.n_items, *(array.tolist() for array in arrays))


@given(st.integers(0, 1000), st.booleans(), st.randoms())
def test_the_order_of_rows_changes_nothing(seed: int, tied: bool, random) -> None:
    """P2, P19."""
    rows = random_rows(seed, tied=tied)
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert contents(build_task(dataset_of(shuffled), n_negatives=10)) == contents(
        build_task(dataset_of(rows), n_negatives=10)
    )


def test_every_part_changes_the_digest() -> None:
    """P18, P20."""
    rows = random_rows(0)
    tasks = [
        build_task(dataset_of(rows), n_negatives=10),
        build_task(dataset_of(rows), n_negatives=9),
        build_task(dataset_of(rows), n_negatives=10, protocol_seed=1),
        build_task(dataset_of(rows[1:]), n_negatives=10),
        build_task(dataset_of([(u, i, t + (u == 0)) for u, i, t in rows]), n_negatives=10),
        build_validation_task(dataset_of(rows), n_negatives=10),
        build_task(dataset_of(rows), n_negatives=0),
        build_validation_task(dataset_of(rows), n_negatives=0),
    ]
    assert len({task.digest for task in tasks}) == len(tasks)


def test_every_split_is_another_task() -> None:
    """P18, P26, P27."""
    dataset = dataset_of(rows_of_one_clock(0))
    splits = ["time:0.6", "time:0.5", "time:0.6,target=last", "time:0.6,target=random", "random:0", "random:1"]
    tasks = [build_task(dataset, n_negatives=10, split=split) for split in ("last", *splits)]
    assert [task.parts["split"] for task in tasks] == ["leave-last-out", *splits]
    assert len({task.digest for task in tasks}) == 7
    assert build_task(dataset, n_negatives=10, split="time:.60").digest == tasks[1].digest
    assert build_task(dataset, n_negatives=10, split="time:0.6,target=first").digest == tasks[1].digest


def test_golden_digests() -> None:
    """P18: what was measured under a split stays comparable; a change here is a change of the protocol."""
    dataset = dataset_of(rows_of_one_clock(0))
    for split, (test, validation) in GOLDEN.items():
        assert build_task(dataset, n_negatives=10, split=split).digest[:16] == test
        assert build_validation_task(dataset, n_negatives=5, split=split).digest[:16] == validation


GOLDEN = {
    "last": ("3264a6d6568a848d", "dede19eb6f3b61c0"),
    "time:0.6": ("40a63fff6f431248", "3a4ab1438b4d4d3a"),
    "time:0.6,target=last": ("3cc850b612e54165", "8ad04bd3baade15f"),
    "time:0.6,target=random": ("1a99c833c64a460c", "dd132e27e87b0b95"),
    "random:0": ("6558e9126f0c2524", "f58163d471b2ea51"),
    "random:1": ("c601946d12d0db51", "408c99d35f8381fe"),
}
"""By split: the first digits of the test task's digest, and of the validation task's."""


def test_one_negative_more_or_less_is_another_task() -> None:
    """P18: the candidates themselves are in the digest, not only the recipe."""
    task = build_task(dataset_of(random_rows(0)), n_negatives=10)
    other = replace(task, parts=task.parts | {"candidates": "0" * 64})
    assert other.digest != task.digest


@given(st.integers(0, 1000), st.data())
def test_the_validation_task_cannot_know_the_test_items(seed: int, data: st.DataObject) -> None:
    """P8, P21: whatever the test items are, even items never seen otherwise, the validation task is the same."""
    rows = random_rows(seed)
    last = {user: time for user, _, time in rows}
    touched = {user: {row[1] for row in rows if row[0] == user} for user in range(N_USERS)}
    changed = []
    for user, item, time in rows:
        if time == last[user]:
            others = sorted(set(range(N_ITEMS + 30)) - touched[user])
            changed.append((user, data.draw(st.sampled_from(others)), time))
        else:
            changed.append((user, item, time))
    assert build_task(dataset_of(changed), n_negatives=5).digest != build_task(dataset_of(rows), n_negatives=5).digest
    assert contents(build_validation_task(dataset_of(changed), n_negatives=5)) == contents(
        build_validation_task(dataset_of(rows), n_negatives=5)
    )


@pytest.mark.parametrize("n_negatives", [0, 5])
@given(seed=st.integers(0, 1000), data=st.data())
def test_the_validation_task_cannot_know_the_future(n_negatives: int, seed: int, data: st.DataObject) -> None:
    """P8, P21, P26: whatever any user does from the cut on, even a new user with new items, validation is the same."""
    rows = rows_of_one_clock(seed)
    options = {"n_negatives": n_negatives, "split": "time:0.8"}
    cut = build_task(dataset_of(rows), **options).facts["cut_time"]
    past = [row for row in rows if row[2] < cut]
    known = {row[:2] for row in past}
    future = data.draw(
        st.lists(
            st.tuples(st.integers(0, N_USERS + 3), st.integers(0, N_ITEMS + 30)).filter(lambda pair: pair not in known),
            min_size=len(rows) - len(past),
            max_size=len(rows) - len(past),
            unique=True,
        )
    )
    # As many, at the same times: when the cut is, and that there is a future, is all that validation knows of it.
    times = [time for _, _, time in rows if time >= cut]
    changed = [*past, *((user, item, time) for (user, item), time in zip(future, times, strict=True))]
    one, other = (build_validation_task(dataset_of(each), **options) for each in (rows, changed))
    assert contents(other) == contents(one)
    assert one.train.timestamps.max() < one.facts["cut_time"] < cut


def test_the_validation_task_of_a_time_split_is_cut_by_the_same_share() -> None:
    """P8, P26: 12 interactions at the times 1 to 12; 9 of them lie before 10, and 6 of these before 7."""
    rows = [(time % 3, time, time) for time in range(1, 13)]
    dataset = dataset_of(rows)
    test, validation = (
        build(dataset, n_negatives=0, split="time:0.75") for build in (build_task, build_validation_task)
    )
    assert (test.facts["cut_time"], len(test.train), test.candidates.n_evaluated) == (10, 9, 3)
    assert (validation.facts["cut_time"], len(validation.train), validation.candidates.n_evaluated) == (7, 6, 3)
    # Indices of items 10, 11, 12 (users 1, 2, 0) and 7, 8, 9 among 1 to 12 and 1 to 9.
    assert test.candidates.heldout.tolist() == [11, 9, 10]
    assert validation.candidates.heldout.tolist() == [8, 6, 7]


def test_an_impossible_validation_task_is_named_in_the_error() -> None:
    """P8: the test task is possible; of its training interactions, none is before the cut."""
    rows = [(user, item, 1) for user in range(3) for item in range(2)] + [(user, 5 + user, 9) for user in range(3)]
    assert build_task(dataset_of(rows), n_negatives=0, split="time:0.7").candidates.n_evaluated == 3
    with pytest.raises(
        ProtocolError, match="the validation task, made of the training interactions: test: no interaction"
    ):
        build_validation_task(dataset_of(rows), n_negatives=0, split="time:0.7")


@given(st.integers(0, 1000), st.sampled_from(["last", "time:0.6"]), st.integers(0, 12))
def test_no_candidate_was_ever_touched_by_its_user(seed: int, split: str, n_negatives: int) -> None:
    """P9, P25, P26: not even after the held-out item. Listed out, the full ranking is against all others."""
    rows = rows_of_one_clock(seed)
    dataset = dataset_of(rows)
    task = build_task(dataset, n_negatives=n_negatives, split=split)
    listed = written_out(task, dataset)
    assert listed.digest == task.digest
    for place, user in enumerate(listed.candidates.users):
        touched = set(dataset.interactions.items[dataset.interactions.users == user].tolist())
        untouched = set(range(dataset.item_ids.size)) - touched
        rivals = set(listed.candidates.negatives[place][listed.candidates.is_rival[place]].tolist())
        assert listed.candidates.heldout[place] in touched
        assert rivals <= untouched
        assert task.n_untouched[place] == len(untouched)
        assert task.n_rivals[place] == len(rivals) == (n_negatives or len(untouched))


def test_too_many_candidates_to_list_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_LISTED", 20)
    dataset = dataset_of(random_rows(0))
    with pytest.raises(ProtocolError, match=r"listing every untouched item of 12 users takes .* more than 20; draw"):
        written_out(build_task(dataset, n_negatives=0), dataset)


def test_the_validation_task_holds_out_the_last_but_one() -> None:
    """P8."""
    rows = random_rows(3)
    dataset = dataset_of(rows)
    task = build_validation_task(dataset, n_negatives=5)
    restricted = dataset.restricted_to(build_task(dataset, n_negatives=5).train)
    expected = {user: [row[1] for row in rows if row[0] == user][-2] for user in range(N_USERS)}
    found = zip(
        restricted.user_ids[task.candidates.users].tolist(),
        restricted.item_ids[task.candidates.heldout].tolist(),
        strict=True,
    )
    assert dict(found) == expected
    assert task.purpose == "validation"


def test_validation_and_test_draw_from_streams_of_their_own() -> None:
    """P9: the same user's lists in the two tasks share no more items than chance gives (1 in 40)."""
    rows = [(user, (user * 7 + step * 31) % 400, step) for user in range(200) for step in range(8)]
    test = build_task(dataset_of(rows), n_negatives=10).candidates.negatives
    validation = build_validation_task(dataset_of(rows), n_negatives=10).candidates.negatives
    shared = [len(set(one) & set(other)) for one, other in zip(test.tolist(), validation.tolist(), strict=True)]
    assert np.mean(shared) < 2 * 10 / 40


def test_facts_of_a_small_task_by_hand() -> None:
    """P7: user 1 has 3 items, the last two tied; user 2 has 2; user 3 has 3, the last (99) touched by no other user."""
    rows = [(1, 10, 1), (1, 20, 2), (1, 30, 2), (2, 20, 1), (2, 30, 2), (3, 10, 1), (3, 20, 2), (3, 99, 3), (3, 10, 5)]
    facts = build_task(dataset_of(rows), n_negatives=1).facts
    expected = {
        "n_users": 3,
        "n_items": 4,
        "n_interactions": 8,
        "n_duplicates": 1,
        "n_train": 6,
        "n_evaluated": 2,
        "n_negatives": 1,
        "n_tied_users": 1,
        "n_short_users": 1,
        "n_dropped_users": 0,
        "n_cold_heldout": 1,
        "notes": [],
    }
    assert facts == expected


def test_facts_of_a_small_time_split_by_hand() -> None:
    """P26: before 5, the time of the sixth of 10, users 1 and 2 have a history; users 3 and 4 begin then."""
    rows = [(1, 10, 1), (1, 20, 2), (2, 10, 2), (2, 30, 3), (5, 40, 4), (1, 30, 5), (1, 99, 6), (2, 20, 6)]
    rows += [(3, 10, 7), (4, 99, 8)]
    facts = build_task(dataset_of(rows), n_negatives=0, split="time:0.5").facts
    expected = {
        "n_users": 5,
        "n_items": 5,
        "n_interactions": 10,
        "n_duplicates": 0,
        "n_train": 5,
        "n_evaluated": 2,
        "n_negatives": 0,
        "n_tied_users": 0,
        "n_short_users": 2,
        "n_dropped_users": 0,
        "n_cold_heldout": 0,
        "cut_time": 5,
        "n_unused": 3,
        "n_silent_users": 1,
        "n_new_users": 2,
        "n_new_items": 1,
        "notes": [],
    }
    assert facts == expected


def test_dropped_users_are_counted() -> None:
    """P6, P10: of 9 items user 0 touched all, the last two tied, and is dropped; user 1 touched 3 at three times."""
    rows = [(0, item, min(item, 7)) for item in range(9)] + [(1, item, item) for item in range(3)]
    task = build_task(dataset_of(rows), n_negatives=3, short_users="drop")
    assert (task.facts["n_evaluated"], task.facts["n_dropped_users"], task.facts["n_tied_users"]) == (1, 1, 0)


def test_a_task_comes_back_from_its_arrays() -> None:
    for split, n_negatives in (("last", 10), ("last", 0), ("time:0.6", 10)):
        task = build_task(dataset_of(rows_of_one_clock(1)), n_negatives=n_negatives, split=split)
        about = json.loads(json.dumps(task.about))
        again = Task.of_arrays(
            Interactions.of_arrays(task.train.arrays, task.train.sizes), task.evaluation_arrays, about
        )
        assert contents(again) == contents(task)
        assert (again.digest, again.purpose, again.dataset) == (task.digest, "test", "test")
        assert bool(len(again.later)) == (split != "last")


@pytest.mark.parametrize("build", [build_task, build_validation_task])
def test_train_gives_the_raw_ids_of_what_it_trains_on_alone(build) -> None:
    rows = [(user, f"item {item}", time) for user in (3, 5, 8) for time, item in enumerate((1, 2, 4, 6))]
    rows += [(3, "cold", 99), (13, "item 7", 0)]
    users, items, times = zip(*rows, strict=True)
    dataset = Dataset.from_arrays("ids", np.array(users), np.array(items, dtype=object), np.array(times))
    task = build(dataset, n_negatives=0)
    for train in (task.train, Interactions.of_arrays(task.train.arrays, task.train.sizes)):
        trained = set(train.items.tolist())
        known = [raw_id for raw_id in train.item_ids if raw_id is not None]
        assert [index for index, raw_id in enumerate(train.item_ids) if raw_id is not None] == sorted(trained)
        assert "cold" not in known
        assert train.user_ids.tolist() == [3, 5, 8, 13]
        # The index and the id belong together: the first item that user 5 touched is "item 1".
        assert train.item_ids[train.items[train.offsets[1]]] == "item 1"

"""Tasks: what is compared with what (P8, P18), and the wall between validation and test (P21)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.dataset import Dataset, ImportedLists
from protocol.errors import ProtocolError
from protocol.task import Task, build_task, build_validation_task, load_train

N_USERS, N_ITEMS = 12, 40


def random_rows(seed: int, *, tied: bool = False) -> list[tuple[int, int, int]]:
    """Return (user, item, time) of users with 4 to 9 items each."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(N_USERS):
        for time, item in enumerate(rng.permutation(N_ITEMS)[: rng.integers(4, 10)]):
            rows.append((user, int(item), 0 if tied else time))
    return rows


def dataset_of(rows: list[tuple[int, int, int]]) -> Dataset:
    return Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))


def contents(task: Task) -> tuple:
    """Return everything a task consists of."""
    train, candidates = task.train, task.candidates
    arrays = (train.users, train.items, train.timestamps, candidates.users, candidates.items, task.column_keys)
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
    ]
    assert len({task.digest for task in tasks}) == len(tasks)


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
    """P7: user 1 has 3 items, the last two tied; user 2 has 2; user 3 has 3, the last (99) touched by nobody else."""
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


def test_dropped_users_are_counted() -> None:
    """P6, P10: of 9 items user 0 touched all, the last two tied, and is dropped; user 1 touched 3 at three times."""
    rows = [(0, item, min(item, 7)) for item in range(9)] + [(1, item, item) for item in range(3)]
    task = build_task(dataset_of(rows), n_negatives=3, short_users="drop")
    assert (task.facts["n_evaluated"], task.facts["n_dropped_users"], task.facts["n_tied_users"]) == (1, 1, 0)


def test_a_saved_task_comes_back(tmp_path) -> None:
    task = build_task(dataset_of(random_rows(1)), n_negatives=10)
    task.save(tmp_path)
    loaded = Task.load(tmp_path)
    assert contents(loaded) == contents(task)
    assert (loaded.digest, loaded.purpose, loaded.dataset) == (task.digest, "test", "test")


def test_training_needs_no_candidates(tmp_path) -> None:
    """P12: the training interactions can be had with every other file of the task gone."""
    task = build_task(dataset_of(random_rows(1)), n_negatives=10)
    task.save(tmp_path)
    for path in tmp_path.iterdir():
        if path.name != "train.npz":
            path.unlink()
    assert load_train(tmp_path).items.tolist() == task.train.items.tolist()


def imported_dataset(negatives: list[list[int]]) -> Dataset:
    dataset = dataset_of([(0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 1), (1, 3, 2), (1, 4, 3)])
    lists = ImportedLists(np.array([0, 1]), np.array([2, 4]), np.array(negatives))
    return replace(dataset, imported=lists)


def test_imported_lists_are_taken_as_they_are() -> None:
    """P11."""
    task = build_task(imported_dataset([[4, 3], [2, 4]]), n_negatives=100)
    assert task.candidates.items.tolist() == [[2, 3, 4], [4, 2, 4]]
    assert task.candidates.is_rival.tolist() == [[True, True], [True, False]]
    assert sorted(zip(task.train.users.tolist(), task.train.items.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 3),
    ]
    assert task.parts["split"] == "imported"


def test_other_imported_lists_are_another_task() -> None:
    """P18."""
    assert (
        build_task(imported_dataset([[3, 4], [2, 1]])).digest != build_task(imported_dataset([[3, 4], [2, 2]])).digest
    )


def test_an_imported_heldout_item_must_be_an_interaction() -> None:
    dataset = imported_dataset([[3], [2]])
    wrong = replace(dataset, imported=ImportedLists(np.array([0, 1]), np.array([3, 4]), np.array([[3], [2]])))
    with pytest.raises(ProtocolError, match="2 interactions are held out, but 1 of them"):
        build_task(wrong)


def test_validation_of_an_imported_task_sees_its_train_alone() -> None:
    """P8: with the held-out items gone, users 0 and 1 have two items each, so nobody is left to evaluate."""
    with pytest.raises(ProtocolError, match="none of its 2 users has 3 or more"):
        build_validation_task(imported_dataset([[3, 4], [2, 1]]))

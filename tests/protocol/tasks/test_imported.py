"""Splits and lists that come with a dataset (P11)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from protocol.data.dataset import Dataset, ImportedLists
from protocol.errors import ProtocolError
from protocol.tasks.listing import written_out
from protocol.tasks.task import build_task, build_validation_task


def dataset_of(rows: list[tuple[int, int, int]]) -> Dataset:
    return Dataset.from_arrays("test", *(np.array(column) for column in zip(*rows, strict=True)))


def imported_dataset(negatives: list[list[int]]) -> Dataset:
    dataset = dataset_of([(0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 1), (1, 3, 2), (1, 4, 3)])
    lists = ImportedLists(np.array([0, 1]), np.array([2, 4]), np.array(negatives))
    return replace(dataset, imported=lists)


def test_imported_lists_are_used_unchanged() -> None:
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


def test_an_imported_split_has_a_full_ranking_too() -> None:
    """P11, P25: of 5 items user 0 never touched 3 and 4, user 1 never touched 1 and 2."""
    dataset = imported_dataset([[4, 3], [2, 4]])
    task = build_task(dataset, n_negatives=0)
    assert task.candidates.items.tolist() == [[2], [4]]
    assert task.n_rivals.tolist() == [2, 2]
    assert written_out(task, dataset).candidates.items.tolist() == [[2, 3, 4], [4, 1, 2]]
    assert task.digest != build_task(dataset).digest


@pytest.mark.parametrize("build", [build_task, build_validation_task])
def test_an_imported_split_is_not_split_in_another_way(build) -> None:
    """P11, P26, P27."""
    with pytest.raises(ProtocolError, match=r"test comes with a split of its own, .* --split time:0.9 is impossible"):
        build(imported_dataset([[4, 3], [2, 4]]), split="time")
    message = r"^test comes with a split of its own, so --split random:3 is impossible; give the interactions as a file"
    with pytest.raises(ProtocolError, match=message):
        build(imported_dataset([[4, 3], [2, 4]]), split="random:3")


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
    """P8: with the held-out items gone, users 0 and 1 have two items each, so no user is left to evaluate."""
    with pytest.raises(ProtocolError, match="none of its 2 users has 3 or more"):
        build_validation_task(imported_dataset([[3, 4], [2, 1]]))


def test_what_is_unusual_in_lists_is_counted() -> None:
    """P11: user 0 has the held-out item 2 and the trained item 1, user 1 an item twice and one entry of padding."""
    dataset = imported_dataset([[2, 1, 3, 4], [2, 2, 1, 4]])
    assert not {name for name in build_task(dataset).facts if name.startswith("n_lists")}, "the padding is not known"
    known = replace(dataset, imported=replace(dataset.imported, lengths=np.array([4, 3])))
    counted = {name: number for name, number in build_task(known).facts.items() if name.startswith("n_lists")}
    assert counted == {"n_lists_with_heldout": 1, "n_lists_with_repeats": 1, "n_lists_with_trained": 1}
    assert not {name for name in build_task(known, n_negatives=0).facts if name.startswith("n_lists")}

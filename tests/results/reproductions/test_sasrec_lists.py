"""The page's section about SASRec without the items that its paper leaves out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.data import Data
from protocol.data.dataset import Dataset
from protocol.errors import ProtocolError
from protocol.tasks.task import build_task
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from types import ModuleType

TEXT = "sasrec:embedding_size=8,max_length=8,n_negatives=1,epochs=1"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with a place of its own for what it finds."""
    module = load_file(Path(__file__).parents[3] / "results" / "reproductions" / "sasrec_lists.py")
    monkeypatch.setattr(module, "FOUND", tmp_path / "sasrec-lists.toml")
    return module


@pytest.fixture
def dataset() -> Dataset:
    """Six users: user u has the items 0 to 5 without u, in this order, then item 7; users 0 and 1 end with item 6."""
    rows = [(user, item) for user in range(6) for item in (*range(6), 7, *([6] if user < 2 else [])) if item != user]
    users, items = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Dataset.from_arrays("made", users, items, np.arange(len(rows), dtype=np.int64))


def test_rare_items_are_left_out_and_the_latest_of_the_others_is_held_out(module: ModuleType, dataset: Dataset) -> None:
    task = build_task(dataset, n_negatives=0)
    assert task.candidates.heldout.tolist() == [6, 6, 7, 7, 7, 7]
    assert module.n_interactions(task).tolist() == [5, 5, 5, 5, 5, 5, 2, 6]
    frequent = module.without_rare_items(task).load()
    assert frequent.item_ids.tolist() == [0, 1, 2, 3, 4, 5, 7]
    split = build_task(frequent, n_negatives=0)
    assert frequent.item_ids[split.candidates.heldout].tolist() == [7] * 6
    assert split.train.items.reshape(6, 5).tolist() == [
        [item for item in range(6) if item != user] for user in range(6)
    ]


def test_rivals_are_listed_items_that_the_user_did_not_train_on(module: ModuleType, dataset: Dataset) -> None:
    """Item u is a rival of user u. Item 6 is rare: users 0 and 1, for whom it is held out, are left out without it."""
    task = build_task(dataset, n_negatives=0)
    scores = np.tile(np.array([0.0, 0.0, 3.0, 2.0, 1.0, 0.0, 9.0, 2.0]), (6, 1))
    model = SimpleNamespace(score_all=lambda users: scores[users])
    of_frequent = module.ranks(task, model, module.n_interactions(task) >= module.FEWEST)
    assert [each.tolist() for each in (of_frequent.n_better, of_frequent.n_tied, of_frequent.n_rivals)] == [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [1, 1, 1, 1],
    ], "item 2 is above item 7 for user 2, item 3 equal to it for user 3"
    of_all = module.ranks(task, model, np.ones(8, np.bool_))
    assert of_all.n_better.tolist() == [0, 0, 2, 1, 1, 1], "item 6 is a rival of users 2 to 5"
    assert of_all.n_rivals.tolist() == [1, 1, 2, 2, 2, 2]


def test_both_trainings_are_written_and_shown(module: ModuleType) -> None:
    module.run(Data("synthetic:60x400x2400", negatives=99), TEXT)
    text = "\n".join(module.section(("0.8245", "0.5905"), TEXT, "run"))
    assert "| all items               | 99 of 400 items" in text
    assert text.count("| items with five or more |") == 1


def test_figures_of_another_model_are_refused(module: ModuleType) -> None:
    with pytest.raises(ProtocolError, match=r"has not all figures of sasrec:.*; run `lists`"):
        list(module.section(("0.8", "0.6"), TEXT, "lists"))
    module.FOUND.write_text(f'model = "{TEXT},reg=1"\n[own]\n')
    with pytest.raises(ProtocolError, match="has not all figures"):
        list(module.section(("0.8", "0.6"), TEXT, "lists"))


def test_the_section_says_by_how_much_the_papers_figures_differ(module: ModuleType) -> None:
    found = '[{}]\nn_items = {}\nn_negatives = 99\nn_users = 6040\n"HR@10" = {}\n"NDCG@10" = {}\n'
    kinds = [("ncf", 3706, 0.84, 0.62), ("frequent", 3416, 0.82, 0.61), ("own", 3416, 0.81, 0.605)]
    module.FOUND.write_text(f'model = "{TEXT}"\n' + "".join(found.format(*each) for each in kinds))
    text = "\n".join(module.section(("0.8245", "0.5905"), TEXT, "lists"))
    assert "items with five or more | 99 of 3,416 items | 6,040   | .8100   | .6050" in text
    assert "published .8245 and .5905 by -0.0145 in HR@10 and +0.0145 in NDCG@10" in text

"""The three files of the NCF paper: a split and candidates taken as they are (P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from protocol.data.loading import load_dataset
from protocol.errors import DatasetError
from protocol.tasks.split import leave_last_out

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.dataset import Dataset

TRAIN = "0\t0\t1\t8\n0\t1\t1\t3\n7\t0\t1\t1\n7\t2\t1\t2\n"
TEST = "7\t1\t1\t0\n0\t2\t1\t9\n"
LISTS = "(7,1)\t5\t9\n(0,2)\t5\t2\t0\n"


def load(folder: Path, train: str = TRAIN, test: str = TEST, lists: str = LISTS) -> Dataset:
    for ending, content in ((".train.rating", train), (".test.rating", test), (".test.negative", lists)):
        (folder / f"small{ending}").write_text(content)
    return load_dataset(f"ncf:{folder}/small")


def test_a_small_split_by_hand(tmp_path: Path) -> None:
    """Items 5 and 9 occur as negatives only, and are items; users ascend, so that 0 comes before 7, whatever the file.

    User 7's list is the shorter: it is filled up with the held-out item, 1, which is no rival.
    """
    dataset = load(tmp_path)
    assert (dataset.name, dataset.user_ids.tolist(), dataset.item_ids.tolist()) == (
        "ncf:small",
        [0, 7],
        [0, 1, 2, 5, 9],
    )
    own, imported = dataset.interactions, dataset.imported
    assert imported is not None
    assert (own.n_users, own.n_items, len(own)) == (2, 5, 6)
    assert dataset.user_ids[imported.heldout_users].tolist() == [0, 7]
    assert dataset.item_ids[imported.heldout_items].tolist() == [2, 1]
    assert dataset.item_ids[imported.negatives].tolist() == [[5, 2, 0], [5, 9, 1]]


def test_the_heldout_item_is_the_latest_whatever_time_its_file_gives(tmp_path: Path) -> None:
    """User 7's held-out item has time 0 there, before both training items; here it is one later than the last."""
    dataset = load(tmp_path)
    assert dataset.interactions.timestamps.tolist() == [3, 8, 9, 1, 2, 3]
    split = leave_last_out(dataset, 0)
    assert dataset.item_ids[split.items].tolist() == [2, 1]


def test_a_repeated_training_line_counts_once(tmp_path: Path) -> None:
    """P1."""
    dataset = load(tmp_path, train=TRAIN + "0\t0\t1\t9\n")
    assert (len(dataset.interactions), dataset.n_duplicates) == (6, 1)


def test_order_of_training_lines_changes_nothing(tmp_path: Path) -> None:
    """P2."""
    swapped = "".join(reversed(TRAIN.splitlines(keepends=True)))
    assert load(tmp_path, train=swapped).digest == load(tmp_path).digest


def test_blank_lines_at_the_end_are_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, test=TEST + "\n", lists=LISTS + "\n").digest == load(tmp_path).digest


MISTAKES = {
    "twice in test": (
        {"test": TEST + "0\t1\t1\t0\n", "lists": LISTS + "(0,1)\t5\n"},
        "a user occurs twice in the test",
    ),
    "no training": (
        {"test": "8\t1\t1\t0\n", "lists": "(8,1)\t5\n"},
        "1 users of the test file have no training line, such as 8",
    ),
    "learnt": (
        {"test": "0\t1\t1\t0\n", "lists": "(0,1)\t5\n"},
        "1 users have their held-out item also among their training lines, such as item 1 of user 0; remove it",
    ),
    "a list too few": (
        {"lists": "(7,1)\t5\n"},
        "small.test.negative has 1 lists, expected 2, one for each line of the test",
    ),
    "another order": (
        {"lists": "(0,2)\t5\n(7,1)\t5\n"},
        "small.test.negative, line 1: the list is of '(0,2)', expected (7,1) as in the test file",
    ),
    "a word": (
        {"lists": LISTS.replace("9", "x")},
        "small.test.negative, line 1: 'x' is no item id; expected integers in plain decimal",
    ),
    "no such integer": ({"lists": LISTS.replace("9", "9" * 20)}, f"line 1: '{'9' * 20}' is no item id"),
    "an underscore": ({"lists": LISTS.replace("9", "1_04")}, "line 1: '1_04' is no item id"),
    "another script": ({"lists": LISTS.replace("9", "\u0669")}, "line 1: '\u0669' is no item id"),
    "full width": ({"lists": LISTS.replace("9", "\uff19")}, "line 1: '\uff19' is no item id"),
    "a leading zero": ({"lists": LISTS.replace("9", "09")}, "line 1: '09' is no item id"),
    "a number too long": ({"lists": LISTS.replace("9", "9" * 140_000)}, f"line 1: '{'9' * 60}...' is no item id"),
    "another script in training": (
        {"train": TRAIN.replace("7\t2", "\u0667\t2")},
        "line 4: the user is '\u0667', and elsewhere '7'",
    ),
    "an underscore in training": ({"train": TRAIN.replace("7\t2", "1_04\t2")}, "has ids that are no integers"),
    "an underscore as time": (
        {"train": TRAIN + "0\t5\t1\t1_04\n"},
        "line 5: the timestamp is '1_04', expected a number",
    ),
    "no negatives": (
        {"lists": "(7,1)\t5\n(0,2)\n"},
        "small.test.negative, line 2: (0,2) has no negatives; expected item ids",
    ),
    "text ids": ({"train": TRAIN + "ann\t0\t1\t9\n"}, "small.train.rating has ids that are no integers"),
    "a half line": (
        {"test": "7\t1\t1\t0\n0\t2"},
        "small.test.rating: its last line, '0\\t2', has 2 columns, expected 4",
    ),
    "an empty file": ({"train": ""}, "small.train.rating is empty"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_files_that_contradict_themselves_or_each_other_are_refused(mistake: str, tmp_path: Path) -> None:
    files, answer = MISTAKES[mistake]
    with pytest.raises(DatasetError) as error:
        load(tmp_path, **files)
    assert answer in str(error.value)


def test_lists_that_are_no_text_are_refused(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "small.test.negative").write_bytes(b"(7,1)\t\xff\n")
    with pytest.raises(DatasetError, match=r"small\.test\.negative is not UTF-8 text \(invalid start byte at byte 6\)"):
        load_dataset(f"ncf:{tmp_path}/small")


def test_missing_files_are_named(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "small.test.rating").unlink()
    with pytest.raises(DatasetError, match=r"lacks .*/small\.test\.rating; expected the files PREFIX\.train\.rating"):
        load_dataset(f"ncf:{tmp_path}/small")


@pytest.mark.parametrize("name", ["ncf", "ncf:"])
def test_a_prefix_is_needed(name: str) -> None:
    with pytest.raises(DatasetError, match="needs a prefix, such as ncf:data/ml-1m"):
        load_dataset(name)


@pytest.mark.realdata
def test_the_paper_s_own_files(real_data: Path) -> None:
    """156 of the 6,040 lists name the held-out item itself: those users have 98 rivals instead of 99."""
    dataset = load_dataset(f"ncf:{real_data}/ml-1m/ml-1m")
    own, imported = dataset.interactions, dataset.imported
    assert imported is not None
    assert (own.n_users, own.n_items, len(own), dataset.n_duplicates) == (6040, 3706, 994_169 + 6040, 0)
    assert imported.negatives.shape == (6040, 99)
    assert np.count_nonzero((imported.negatives == imported.heldout_items[:, None]).any(axis=1)) == 156

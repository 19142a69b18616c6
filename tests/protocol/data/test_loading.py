"""From names to datasets, and the filters (P3, P4)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data.dataset import Dataset
from protocol.data.loading import _core, load_dataset
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

RATED = "user,item,rating,timestamp\n1,10,5,1\n1,20,3.5,2\n2,10,4,3\n2,20,1,4\n2,20,4,9\n"


@pytest.fixture
def rated(tmp_path: Path) -> Path:
    path = tmp_path / "rated.csv"
    path.write_text(RATED)
    return path


def test_a_file_is_named_for_itself(rated: Path) -> None:
    dataset = load_dataset(rated)
    assert (dataset.name, len(dataset.interactions), dataset.n_duplicates, dataset.notes) == ("rated.csv", 4, 1, ())


def test_lower_ratings_are_left_out_before_repetitions_are(rated: Path) -> None:
    """P4: user 2 gave item 20 a 1 at time 4 and a 4 at time 9; only the latter is left."""
    dataset = load_dataset(rated, min_rating=4)
    assert dataset.notes == ("minimum rating 4: 2 lower ratings left out",)
    assert dataset.interactions.timestamps.tolist() == [1, 3, 9]
    assert dataset.n_duplicates == 0
    assert dataset.digest != load_dataset(rated).digest


def test_a_minimum_that_nothing_reaches(rated: Path) -> None:
    with pytest.raises(DatasetError, match=r"no rating is 6 or higher \(the highest is 5\)"):
        load_dataset(rated, min_rating=6)


def test_a_core_by_hand(tmp_path: Path) -> None:
    """P4: user 3 has one item and goes; then item 30 has one user left and goes; then user 2 has one item and goes,
    and so on: only users 4 and 5 with items 40 and 50 remain."""
    rows = ["3,30", "2,30", "2,40", "4,40", "4,50", "5,40", "5,50"]
    path = tmp_path / "data.csv"
    path.write_text("user,item,time\n" + "".join(f"{row},1\n" for row in rows))
    dataset = load_dataset(path, core=2)
    assert (dataset.user_ids.tolist(), dataset.item_ids.tolist()) == ([4, 5], [40, 50])
    assert dataset.notes == ("2-core: 3 interactions left out",)


def test_both_filters_leave_a_note_each(rated: Path) -> None:
    """P4."""
    notes = load_dataset(rated, min_rating=4, core=1).notes
    assert notes == ("minimum rating 4: 2 lower ratings left out", "1-core: 0 interactions left out")


def test_a_core_keeps_the_number_of_repetitions(rated: Path) -> None:
    """P1: the pair of user 2 and item 20 occurs twice."""
    assert load_dataset(rated, core=2).n_duplicates == 1


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1), st.integers(1, 4))
def test_a_core_is_the_largest_part_in_which_all_have_enough(pairs: set[tuple[int, int]], core: int) -> None:
    left = set(pairs)
    while True:
        users, items = Counter(user for user, _ in left), Counter(item for _, item in left)
        smaller = {(user, item) for user, item in left if users[user] >= core and items[item] >= core}
        if smaller == left:
            break
        left = smaller
    users, items = (np.array(column) for column in zip(*sorted(pairs), strict=True))
    dataset = Dataset.from_arrays("test", users, items, np.zeros_like(users))
    if not left:
        with pytest.raises(DatasetError, match=f"nothing is left of a {core}-core"):
            _core(dataset, core)
        return
    filtered = _core(dataset, core)
    own = filtered.interactions
    found = zip(filtered.user_ids[own.users].tolist(), filtered.item_ids[own.items].tolist(), strict=True)
    assert set(found) == left


def test_a_core_below_one_is_refused(rated: Path) -> None:
    with pytest.raises(DatasetError, match="the core is 0, expected 1 or more"):
        load_dataset(rated, core=0)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ml100k", "did you mean ml-100k?"),
        ("ML-1M", "did you mean ml-1m?"),
        ("syntetic", "did you mean synthetic?"),
        ("nowhere/ratings.csv", "known names: ml-100k, ml-1m, ml-20m, ml-25m, ml-32m, lastfm-2k, filmtrust, "),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(name: str, hint: str) -> None:
    with pytest.raises(DatasetError, match="no dataset of that name") as error:
        load_dataset(name)
    assert hint in str(error.value)


@pytest.mark.parametrize(
    "options", [{"columns": {"user": "u"}}, {"min_rating": 4}, {"core": 5}, {"ids": "text"}, {"missing": "drop"}]
)
def test_filters_do_not_belong_to_what_is_taken_as_it_is(options: dict) -> None:
    with pytest.raises(DatasetError, match="synthetic is taken as it is"):
        load_dataset("synthetic", **options)


@pytest.mark.parametrize(
    "options", [{"columns": {"user": "u"}}, {"encoding": "latin-1"}, {"ids": "text"}, {"missing": "drop"}]
)
def test_how_to_read_a_named_dataset_is_known(options: dict) -> None:
    with pytest.raises(DatasetError, match="how to read ml-100k is known"):
        load_dataset("ml-100k", **options)


@pytest.mark.parametrize("name", ["synthetic.csv", "ncf.csv"])
def test_a_name_that_only_begins_like_a_known_one_is_a_file(name: str, rated: Path, monkeypatch) -> None:
    monkeypatch.chdir(rated.parent)
    rated.rename(name)
    assert load_dataset(name).name == name


def test_a_home_folder_is_expanded(rated: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(rated.parent))
    assert len(load_dataset("~/rated.csv").interactions) == 4

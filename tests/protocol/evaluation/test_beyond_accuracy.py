"""Coverage, Gini's index, popularity and novelty of top lists: worked numbers, plain loops and known extremes."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ProtocolError
from protocol.evaluation.beyond_accuracy import average_popularity, catalogue_coverage, exposure_gini, novelty

N_ITEMS, N_USERS, LENGTH = 12, 9, 6
LISTS = np.array([[0, 1, -1], [0, 2, -1]], dtype=np.int32)
COUNTS = np.array([4, 2, 1, 0])


def test_the_worked_numbers() -> None:
    assert catalogue_coverage(LISTS, 4, 2) == 3 / 4
    assert exposure_gini(LISTS, 4, 2) == (-1 * 1 + 1 * 1 + 3 * 2) / 4 / 3 == 0.5
    assert average_popularity(LISTS, COUNTS, 2).tolist() == [(4 + 2) / 2, (4 + 1) / 2]
    assert novelty(LISTS, COUNTS, 4, 2).tolist() == [(0 + 1) / 2, (0 + 2) / 2]


def test_only_the_first_k_count() -> None:
    assert catalogue_coverage(LISTS, 4, 1) == 1 / 4
    assert exposure_gini(LISTS, 4, 1) == 1
    assert average_popularity(LISTS, COUNTS, 1).tolist() == [4, 4]
    assert novelty(LISTS, COUNTS, 4, 1).tolist() == [0, 0]


def test_short_lists_are_averaged_over_what_they_have() -> None:
    assert average_popularity(LISTS, COUNTS, 3).tolist() == average_popularity(LISTS, COUNTS, 2).tolist()
    assert catalogue_coverage(LISTS, 4, 3) == catalogue_coverage(LISTS, 4, 2)


def test_an_item_without_training_users_is_as_novel_as_one_of_a_single_user() -> None:
    assert novelty(np.array([[2], [3]], dtype=np.int32), COUNTS, 4, 1).tolist() == [2, 2]


def test_all_items_shown_alike() -> None:
    lists = np.array([[0, 1], [2, 3], [1, 0], [3, 2]], dtype=np.int32)
    assert catalogue_coverage(lists, 4, 2) == 1
    assert exposure_gini(lists, 4, 2) == 0


def test_a_catalogue_smaller_than_the_cutoff_is_looked_at_whole() -> None:
    lists = np.array([[1, 0]], dtype=np.int32)
    assert catalogue_coverage(lists, 2, 10) == 1
    assert exposure_gini(np.array([[0]], dtype=np.int32), 1, 10) == 0


@pytest.mark.parametrize("k", [0, 4])
def test_a_cutoff_beyond_the_stored_lists_is_an_error(k: int) -> None:
    for figure in (catalogue_coverage, exposure_gini):
        with pytest.raises(ProtocolError, match=rf"k is {k}, expected 1 \.\. 3"):
            figure(LISTS, 4, k)
    with pytest.raises(ProtocolError, match="k is"):
        average_popularity(LISTS, COUNTS, k)
    with pytest.raises(ProtocolError, match="k is"):
        novelty(LISTS, COUNTS, 4, k)


@pytest.mark.parametrize("wrong", [[[0, 4]], [[-1, -1]], np.empty((0, 2))])
def test_lists_of_other_items_or_of_none_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"one or more of items 0 \.\. 3"):
        catalogue_coverage(np.array(wrong, dtype=np.int32), 4, 1)


user_lists = st.lists(
    st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=LENGTH, unique=True), min_size=1, max_size=N_USERS
)
train_counts = st.lists(st.integers(0, N_USERS), min_size=N_ITEMS, max_size=N_ITEMS)
cutoffs = st.integers(1, LENGTH)


def padded(lists: list[list[int]]):
    return np.array([row + [-1] * (LENGTH - len(row)) for row in lists], dtype=np.int32)


@given(user_lists, cutoffs)
def test_coverage_is_that_of_a_set(lists: list[list[int]], k: int) -> None:
    shown = {item for row in lists for item in row[:k]}
    assert catalogue_coverage(padded(lists), N_ITEMS, k) == len(shown) / N_ITEMS


@given(user_lists, cutoffs)
def test_gini_is_the_mean_absolute_difference(lists: list[list[int]], k: int) -> None:
    """Of all pairs of different items, in units of twice the mean."""
    shown = [sum(item in row[:k] for row in lists) for item in range(N_ITEMS)]
    differences = sum(abs(one - other) for one in shown for other in shown) / (N_ITEMS * (N_ITEMS - 1))
    found = exposure_gini(padded(lists), N_ITEMS, k)
    assert found == pytest.approx(differences / (2 * sum(shown) / N_ITEMS))
    assert 0 <= found <= 1 + 1e-12


@given(user_lists, train_counts, cutoffs)
def test_popularity_and_novelty_are_those_of_loops(lists: list[list[int]], counts: list[int], k: int) -> None:
    popularity = average_popularity(padded(lists), np.array(counts), k)
    bits = novelty(padded(lists), np.array(counts), N_USERS, k)
    for row, items in enumerate(lists):
        first = items[:k]
        assert popularity[row] == pytest.approx(sum(counts[item] for item in first) / len(first))
        surprise = [-log2(max(counts[item], 1) / N_USERS) for item in first]
        assert bits[row] == pytest.approx(sum(surprise) / len(first), abs=1e-12)


@given(user_lists, train_counts, cutoffs, st.permutations(range(N_ITEMS)), st.randoms())
def test_names_of_items_and_the_order_of_users_and_of_places_change_nothing(lists, counts, k, names, random) -> None:
    other = [[names[item] for item in row[:k]] for row in lists]
    other_counts = [0] * N_ITEMS
    for item, count in enumerate(counts):
        other_counts[names[item]] = count
    for row in [*other, other]:
        random.shuffle(row)
    for figure in (catalogue_coverage, exposure_gini):
        assert figure(padded(other), N_ITEMS, k) == figure(padded(lists), N_ITEMS, k)
    one = average_popularity(padded(lists), np.array(counts), k)
    assert average_popularity(padded(other), np.array(other_counts), k).mean() == pytest.approx(one.mean())
    bits = novelty(padded(lists), np.array(counts), N_USERS, k)
    assert novelty(padded(other), np.array(other_counts), N_USERS, k).mean() == pytest.approx(bits.mean(), abs=1e-12)

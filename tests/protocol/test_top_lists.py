"""The lists of best items (P16): a plain sort, equal scores, and rows with too few items."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.top_lists import top_items


def test_equal_scores_in_top_lists_go_by_place_not_by_the_index() -> None:
    places = np.array([4, 1, 3, 0, 2])
    scores = np.array([[1.0, 1, 1, 1, 1], [2, 1, 1, 1, 3], [-np.inf, 1, -np.inf, -np.inf, -np.inf]])
    assert top_items(scores, 3, places).tolist() == [[3, 1, 4], [4, 0, 3], [1, -1, -1]]


def by_a_plain_sort(scores: np.ndarray, n: int, places: np.ndarray) -> list[list[int]]:
    lists = []
    for row in scores.tolist():
        open_items = [item for item, score in enumerate(row) if score > -np.inf]
        best = sorted(open_items, key=lambda item: (-row[item], places[item]))[:n]
        lists.append(best + [-1] * (n - len(best)))
    return lists


@given(
    arrays(np.float32, (3, 23), elements=st.integers(-2, 2).map(float) | st.just(-np.inf)),
    st.integers(1, 23),
    st.permutations(range(23)),
)
def test_top_lists_are_those_of_a_plain_sort(scores, n: int, places: list[int]) -> None:
    """Up to five of 23 items the best of groups bound the search; of more, all are sorted."""
    places = np.array(places)
    assert top_items(scores, n, places).tolist() == by_a_plain_sort(scores, n, places)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_items_with_few_equal_or_left_out(dtype) -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((7, 1_000)).astype(dtype)
    scores[1] = np.round(scores[1])
    scores[2] = 1.0
    scores[3, rng.permutation(1_000)[:-5]] = -np.inf
    scores[4] = -np.inf
    scores[5] = np.arange(1_000)
    places = rng.permutation(1_000)
    assert top_items(scores, 20, places).tolist() == by_a_plain_sort(scores, 20, places)

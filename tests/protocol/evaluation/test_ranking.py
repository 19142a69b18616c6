"""The tie rule and what counts as a score (P11, P13, P14)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol.errors import ScoreError
from protocol.evaluation.ranking import Ranks, checked_scores, rank_heldout


def counts(ranks: Ranks) -> list[tuple[int, int, int]]:
    return list(zip(ranks.n_better.tolist(), ranks.n_tied.tolist(), ranks.n_rivals.tolist(), strict=True))


def test_better_tied_and_all_rivals_by_hand() -> None:
    """P13."""
    scores = np.array([[3.0, 5, 3, 1, 3], [0, -1, -2, -3, -4], [1, 2, 2, 2, 2]])
    assert counts(rank_heldout(scores)) == [(1, 2, 4), (0, 0, 4), (4, 0, 4)]


def test_only_rivals_count() -> None:
    """P11."""
    scores = np.array([[3.0, 5, 3, 1, 3]])
    assert counts(rank_heldout(scores, np.array([[False, True, True, False]]))) == [(0, 1, 2)]


def test_scores_are_compared_in_their_own_type() -> None:
    """P13: what is tied in float32 is tied, though float64 would tell it apart."""
    scores = np.array([[1.0, 1.0 + 1e-9]])
    assert counts(rank_heldout(scores)) == [(1, 0, 1)]
    assert counts(rank_heldout(scores.astype(np.float32))) == [(0, 1, 1)]


@given(arrays(np.float64, (4, 7), elements=st.integers(-3, 3).map(float)), st.permutations(range(1, 7)))
def test_permuted_columns_change_nothing(scores, order: list[int]) -> None:
    """P19."""
    assert counts(rank_heldout(scores[:, [0, *order]])) == counts(rank_heldout(scores))


@given(arrays(np.float64, (4, 7), elements=st.floats(-3, 3)))
def test_a_loop_over_users_gives_the_same(scores) -> None:
    expected = [(sum(s > row[0] for s in row[1:]), sum(s == row[0] for s in row[1:]), 6) for row in scores.tolist()]
    assert counts(rank_heldout(scores)) == expected


def test_floats_pass_untouched() -> None:
    for dtype in (np.float32, np.float64):
        scores = np.zeros((2, 3), dtype)
        assert checked_scores(scores, (2, 3), "als") is scores


def test_subclasses_are_taken_as_plain_arrays() -> None:
    """P14: a matrix is ranked like an array, and a masked array that masks nothing, too."""
    unmasked = np.ma.masked_invalid(np.array([[1.0, 2.0]]))
    for scores in (np.array([[1.0, 2.0]]).view(np.matrix), unmasked):
        assert type(checked_scores(scores, (1, 2), "als")) is np.ndarray


@pytest.mark.parametrize(
    ("masked", "n"), [(np.ma.masked_invalid([[1.0, np.nan]]), 1), (np.ma.masked_all((1, 2), float), 2)]
)
def test_what_is_masked_is_no_score(masked, n: int) -> None:
    """P14: what lies behind a mask is no answer, whether it is a number or not."""
    with pytest.raises(ScoreError, match=rf"als: {n} of 2 scores are masked, expected a number for each; .*filled"):
        checked_scores(masked, (1, 2), "als")


def test_a_list_is_refused_with_advice_that_works() -> None:
    with pytest.raises(ScoreError, match=r"builtins\.list, expected a NumPy array; .* say with (.*)") as caught:
        checked_scores([[1.0, 2.0]], (1, 2), "als")
    converted = eval(str(caught.value).rpartition("say with ")[2], {"scores": [[1.0, 2.0]], "np": np})
    assert checked_scores(converted, (1, 2), "als") is converted


def test_a_tensor_is_checked_as_the_array_that_it_holds() -> None:
    torch = pytest.importorskip("torch")
    assert checked_scores(torch.tensor([[1.0, 2.0]], requires_grad=True), (1, 2), "als").tolist() == [[1.0, 2.0]]
    with pytest.raises(ScoreError, match=r"shape \(2,\), expected \(1, 2\)"):
        checked_scores(torch.zeros(2), (1, 2), "als")
    with pytest.raises(ScoreError, match="1 of 2 scores are not finite"):
        checked_scores(torch.tensor([[1.0, np.nan]]), (1, 2), "als")


def test_integers_become_float64_exactly() -> None:
    scores = checked_scores(np.array([[2**53, -(2**53)]]), (1, 2), "als")
    assert scores.dtype == np.float64
    assert scores.tolist() == [[2.0**53, -(2.0**53)]]


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([[1.0, 2.0]], r"als: scores are a builtins\.list, expected a NumPy array"),
        (np.zeros((1, 3)), r"als: scores have shape \(1, 3\), expected \(1, 2\), one per candidate"),
        (np.array([[1.0, np.nan]]), r"als: 1 of 2 scores are not finite \(some are NaN\)"),
        (np.array([[-np.inf, np.inf]]), r"als: 2 of 2 scores are not finite \(some are infinite\)"),
        (np.zeros((1, 2), np.float16), "als: scores are of type float16"),
        (np.zeros((1, 2), complex), "als: scores are of type complex128"),
        (np.array([["a", "b"]]), "als: scores are of type <U1"),
        (np.array([[2**53 + 1, 0]]), r"als: integer scores lie beyond 2\^53"),
        (np.array([[0, -(2**53) - 1]]), r"als: integer scores lie beyond 2\^53"),
    ],
)
def test_faulty_scores_are_errors(scores, message: str) -> None:
    """P14."""
    with pytest.raises(ScoreError, match=message):
        checked_scores(scores, (1, 2), "als")


@pytest.mark.parametrize("bad", [(-1, 0, 5), (0, -1, 5), (3, 3, 5)])
def test_impossible_counts_are_refused(bad: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="counts of rivals"):
        Ranks(*(np.array([count]) for count in bad))


def test_counts_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Ranks(np.zeros(2), np.zeros(2), np.zeros(3))

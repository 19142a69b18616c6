"""Drawing candidates (P9, P10, P11): exact, uniform, and one user at a time if need be."""

from __future__ import annotations

import ast
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import chisquare

from protocol.errors import ProtocolError
from protocol.keyed import bounded, derive, root_key
from protocol.tasks import candidates as module
from protocol.tasks.candidates import Candidates, draw_candidates, sample_positions

ROOT = Path(__file__).parents[3]
KEY = root_key(0, "test of candidates")


def keys_of(n: int):
    return derive(KEY, np.arange(n))


def matrix(touched: list[set[int]], n_items: int) -> csr_array:
    """Return the users x items matrix of the given sets."""
    indices = [item for items in touched for item in sorted(items)]
    indptr = np.cumsum([0, *(len(items) for items in touched)])
    return csr_array((np.ones(len(indices), dtype=bool), indices, indptr), shape=(len(touched), n_items))


def draw(touched: list[set[int]], n_items: int, n: int, **options) -> Candidates:
    users = np.arange(len(touched), dtype=np.int32)
    heldout = np.array([min(items, default=0) for items in touched], dtype=np.int32)
    return draw_candidates(matrix(touched, n_items), users, heldout, keys_of(len(touched)), n, **options)


def floyd_in_plain_python(key, touched: set[int], n_items: int, n: int) -> list[int]:
    """Draw positions with Floyd's algorithm and look each up in the written-out list of untouched items."""
    untouched = [item for item in range(n_items) if item not in touched]
    chosen: list[int] = []
    for step in range(n):
        top = len(untouched) - n + step
        position = int(bounded(key, step, top + 1))
        chosen.append(top if position in chosen else position)
    return sorted(untouched[position] for position in chosen)


touched_sets = st.lists(st.sets(st.integers(0, 29), min_size=1, max_size=20), min_size=1, max_size=8)


@given(touched_sets, st.integers(1, 10))
def test_a_plain_floyd_per_user_draws_the_same(touched: list[set[int]], n: int) -> None:
    """P9."""
    drawn = draw(touched, 30, n)
    for user, items in enumerate(touched):
        assert drawn.negatives[user].tolist() == floyd_in_plain_python(keys_of(8)[user], items, 30, n)


@given(touched_sets, st.integers(1, 10))
def test_negatives_are_distinct_and_untouched(touched: list[set[int]], n: int) -> None:
    drawn = draw(touched, 30, n)
    assert drawn.is_rival.all()
    for user, items in enumerate(touched):
        assert len(set(drawn.negatives[user].tolist()) - items) == n


@given(touched_sets, st.integers(1, 60), st.data())
def test_other_users_and_blocks_change_nothing(touched: list[set[int]], block: int, data: st.DataObject) -> None:
    """P9, P19."""
    whole = draw(touched, 30, 10)
    users = np.array(data.draw(st.permutations(range(len(touched)))), dtype=np.int32)
    users = users[: data.draw(st.integers(1, len(touched)))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_CELLS", block)
        some = draw_candidates(matrix(touched, 30), users, whole.heldout[users], keys_of(len(touched))[users], 10)
    assert some.negatives.tolist() == whole.negatives[users].tolist()


def test_golden_draws() -> None:
    """P9: same seed, same candidates, everywhere and in every release."""
    assert sample_positions(keys_of(3), np.array([20, 1000, 2**32 - 1]), 6).tolist() == [
        [5, 9, 13, 14, 10, 12],
        [228, 203, 798, 551, 106, 323],
        [2688394190, 3060667353, 2937869042, 346065885, 4138638647, 236873789],
    ]
    drawn = draw([{0, 3, 4}, {1, 9}], 12, 5)
    assert drawn.negatives.tolist() == [[2, 6, 7, 8, 9], [2, 5, 7, 8, 11]]
    assert drawn.digest == "3b5c2042435501291167e377d613f88e7220e06cce3c9ce9ccfcb518b0bd790d"


def test_another_process_draws_the_same() -> None:
    """P9, P19: two fresh processes draw for one half of the users each, at the same time."""
    program = (
        "import sys; import numpy as np; from scipy.sparse import csr_array; "
        "from protocol.tasks.candidates import draw_candidates; from protocol.keyed import derive, root_key; "
        "users = np.array([int(user) for user in sys.argv[1:]]); touched = csr_array(np.eye(6, 50, dtype=bool)); "
        "keys = derive(root_key(0, 'test of candidates'), users); "
        "print(draw_candidates(touched, users, users, keys, 10).negatives.tolist())"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, *users], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for users in ("012", "345")
    ]
    drawn = [ast.literal_eval(process.communicate()[0]) for process in processes]
    assert drawn[0] + drawn[1] == draw([{user} for user in range(6)], 50, 10).negatives.tolist()


def test_every_set_is_as_likely_as_any_other() -> None:
    """P9: two of five positions, ten sets."""
    sets = list(combinations(range(5), 2))
    drawn = np.sort(sample_positions(keys_of(20_000), np.full(20_000, 5), 2), axis=1)
    counts = [int(np.sum((drawn == pair).all(axis=1))) for pair in sets]
    assert sum(counts) == 20_000
    assert chisquare(counts).pvalue > 1e-4


def item_uniformity(draws, n_items: int) -> float:
    """Return the p-value of the hypothesis that every item is drawn equally often."""
    return float(chisquare(np.bincount(np.ravel(draws), minlength=n_items)).pvalue)


def test_every_item_is_drawn_equally_often() -> None:
    """P9."""
    drawn = sample_positions(keys_of(3_000), np.full(3_000, 400), 100)
    assert item_uniformity(drawn, 400) > 1e-4


def test_the_usual_shortcut_would_be_found_out() -> None:
    """The first 100 of np.unique prefer low ids: the test above must be able to fail."""
    rng = np.random.default_rng(0)
    biased = [np.unique(rng.integers(0, 400, 150))[:100] for _ in range(3_000)]
    assert item_uniformity(biased, 400) < 1e-12


def test_every_untouched_item_is_drawn_equally_often() -> None:
    """P9: 2,000 users touched every third of 300 items; 50 of the 200 others are drawn for each."""
    drawn = draw([set(range(0, 300, 3))] * 2_000, 300, 50).negatives
    counts = np.bincount(drawn.ravel(), minlength=300)
    assert counts[::3].sum() == 0
    assert chisquare(np.delete(counts, slice(None, None, 3))).pvalue > 1e-4


def test_users_with_too_few_untouched_items() -> None:
    """P10: user 1 has two untouched items of six, user 0 has five."""
    touched = [{0}, {0, 1, 2, 4}, {5}]
    with pytest.raises(ProtocolError, match=r"1 of 3 evaluated users have fewer than 3 .* \(the fewest: 2\).*--short"):
        draw(touched, 6, 3)
    dropped = draw(touched, 6, 3, short_users="drop")
    assert dropped.users.tolist() == [0, 2]
    everything = draw(touched, 6, 3, short_users="all")
    assert everything.negatives[1].tolist() == [0, 3, 5]
    assert everything.is_rival[1].tolist() == [False, True, True]
    assert everything.negatives[[0, 2]].tolist() == dropped.negatives.tolist()


def test_dropping_every_user_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="leaves no user"):
        draw([{0, 1}], 3, 2, short_users="drop")


def test_fewer_than_no_negatives_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="the number of negatives is -1, expected 0 or more"):
        draw([{0}], 3, -1)


def test_no_negatives_leave_the_heldout_item_alone() -> None:
    """P25."""
    alone = draw([{0}, {1, 2}], 3, 0)
    assert alone.items.tolist() == [[0], [1]]
    assert alone.is_rival.shape == (2, 0)
    assert alone.digest != draw([{0}, {1, 2}], 3, 1).digest


def test_without_negatives_who_touched_everything_has_nothing_to_be_ranked_against() -> None:
    """P10, P25: user 0 touched all 3 items, user 1 two of them."""
    touched = [{0, 1, 2}, {1, 2}]
    with pytest.raises(ProtocolError, match=r"1 of 2 .* fewer than 1 items they never touched .*; say what to do"):
        draw(touched, 3, 0)
    assert draw(touched, 3, 0, short_users="drop").users.tolist() == [1]
    assert draw(touched, 3, 0, short_users="all").users.tolist() == [0, 1]
    with pytest.raises(ProtocolError, match="no user has 1 untouched items"):
        draw(touched[:1], 3, 0, short_users="drop")


def test_rivals_are_distinct_and_never_the_heldout_item() -> None:
    """P11."""
    foreign = Candidates(np.array([0]), np.array([4]), np.array([[1, 2, 2, 4, 7]]))
    assert foreign.is_rival.tolist() == [[True, True, False, False, True]]
    assert foreign.items.tolist() == [[4, 1, 2, 2, 4, 7]]


def test_unsorted_negatives_are_refused() -> None:
    with pytest.raises(ValueError, match="sorted"):
        Candidates(np.array([0]), np.array([4]), np.array([[2, 1]]))


@pytest.mark.parametrize("changed", ["users", "heldout", "negatives"])
def test_the_digest_covers_every_array(changed: str) -> None:
    """P18."""
    arrays = {"users": np.array([0, 1]), "heldout": np.array([4, 5]), "negatives": np.array([[1, 2], [2, 3]])}
    other = arrays | {changed: arrays[changed] + 1}
    assert Candidates(**arrays).digest != Candidates(**other).digest

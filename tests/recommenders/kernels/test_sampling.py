"""Examples of an epoch: every interaction, untouched negatives, each equally often, in random order."""

from __future__ import annotations

import tracemalloc
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

from protocol.errors import RecommenderError
from protocol.types import Interactions
from recommenders.kernels import sampling
from recommenders.kernels.sampling import Sampler

if TYPE_CHECKING:
    from collections.abc import Iterable


def sampler(train: Interactions, seed: int = 0) -> Sampler:
    return Sampler.of(train, np.random.default_rng(seed))


def whole(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(parts))


def evenly_spread(counts: np.ndarray) -> bool:
    """Pearson's test: a fair draw fails it once in 10,000 times."""
    expected = counts.sum() / counts.size
    return bool(np.sum((counts - expected) ** 2) / expected < chi2.isf(1e-4, counts.size - 1))


@given(arrays(np.bool_, st.tuples(st.integers(1, 6), st.integers(1, 9))), st.integers(0, 3), st.integers(0, 2**32))
def test_examples_are_interactions_and_untouched_items(
    interactions_of, matrix: np.ndarray, n_negatives: int, seed: int
) -> None:
    pairs = list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True))
    draws = sampler(interactions_of(pairs, *matrix.shape), seed)

    labelled = whole(draws.labelled(n_negatives))
    assert labelled.dtype == np.int32
    users, items, labels = labelled.T
    np.testing.assert_array_equal(matrix[users, items], labels == 1)
    assert sorted(zip(users[labels == 1].tolist(), items[labels == 1].tolist(), strict=True)) == pairs
    open_pairs = [pair for pair in pairs if not matrix[pair[0]].all()]
    assert sorted(users[labels == 0].tolist()) == [user for user, _ in open_pairs for _ in range(n_negatives)]

    users, positives, negatives = whole(draws.compared()).T
    assert sorted(zip(users.tolist(), positives.tolist(), strict=True)) == open_pairs
    assert not matrix[users, negatives].any()


@pytest.mark.parametrize("touched", [(0,), (19,), (0, 1, 2, 3), (3, 7, 8, 9, 18), tuple(range(18)), (17, 18, 19)])
def test_negatives_are_uniform(interactions_of, touched: tuple[int, ...]) -> None:
    """Each of the untouched items equally often; a sampler that maps positions wrongly is far off."""
    train = interactions_of([(0, 5), (2, 5), *((1, item) for item in touched)], 3, 20)
    users, items, labels = whole(sampler(train).labelled(40_000 // len(touched))).T
    counts = np.delete(np.bincount(items[(users == 1) & (labels == 0)], minlength=20), touched)
    assert evenly_spread(counts)


def test_negatives_of_all_items_are_uniform(interactions_of) -> None:
    train = interactions_of([(0, 5), (2, 5), *((1, item) for item in range(20))], 3, 20)
    draws = Sampler.of_all_items(train, np.random.default_rng(0))
    users, items, labels = whole(draws.labelled(2_000)).T
    assert np.bincount(users[labels == 0]).tolist() == [2_000, 40_000, 2_000]
    assert evenly_spread(np.bincount(items[(users == 1) & (labels == 0)], minlength=20))
    again = Sampler.of_all_items(train, np.random.default_rng(0))
    np.testing.assert_array_equal(whole(again.labelled(2_000)), np.stack((users, items, labels), axis=1))


def test_orders_are_uniform(interactions_of) -> None:
    """Each of the 24 orders of four interactions equally often."""
    draws = sampler(interactions_of([(0, item) for item in range(4)], 1, 5))
    orders = list(permutations(range(4)))
    counts = np.zeros(24)
    for _ in range(4_800):
        counts[orders.index(tuple(whole(draws.compared())[:, 1].tolist()))] += 1
    assert evenly_spread(counts)


def test_time_order_does_not_matter() -> None:
    """`Interactions` are sorted by time, not by item."""
    by_time = Interactions(np.zeros(3, int), np.array([4, 0, 2]), np.arange(3), 1, 5)
    _, items, labels = whole(sampler(by_time).labelled(70)).T
    assert set(items[labels == 0].tolist()) == {1, 3}


def test_the_stream_is_rngs_and_goes_on(checkerboard) -> None:
    """One draw from rng seeds it; epochs differ, runs do not."""
    rng = np.random.default_rng(3)
    draws = Sampler.of(checkerboard, rng)
    after = np.random.default_rng(3)
    after.integers(2**64, dtype=np.uint64)
    assert rng.bit_generator.state == after.bit_generator.state
    first, second = whole(draws.labelled(2)), whole(draws.labelled(2))
    assert not np.array_equal(first, second)
    assert rng.bit_generator.state == after.bit_generator.state
    again, other = sampler(checkerboard, 3), sampler(checkerboard, 4)
    np.testing.assert_array_equal(whole(again.labelled(2)), first)
    np.testing.assert_array_equal(whole(again.labelled(2)), second)
    assert not np.array_equal(other.labelled(2), first)


def _by_definition(train: Interactions) -> tuple[list[int], list[int]]:
    """Return ``passed`` and ``hints`` of a `Sampler`, counted one by one."""
    passed, hints = [], []
    for user in range(train.n_users):
        touched = sorted(train.items[train.users == user].tolist())
        own = [item - k for k, item in enumerate(touched)]
        n_untouched = train.n_items - len(touched)
        passed += own
        hints += [sum(value <= k * n_untouched // len(touched) for value in own) for k in range(len(touched))]
    return passed, hints


@pytest.mark.parametrize("block", [1, 7, 9, 40, 2**17])
@given(matrix=arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9))))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_positions_are_the_same_whatever_the_block(interactions_of, block: int, matrix: np.ndarray) -> None:
    pairs = list(zip(*(axis.tolist() for axis in np.nonzero(matrix)), strict=True))
    train = interactions_of(pairs, *matrix.shape)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "BLOCK", block)
        found = sampler(train)
    assert (found.passed.tolist(), found.hints.tolist()) == _by_definition(train)


def test_memory_is_that_of_the_positions_and_of_a_block(interactions_of, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two int32 an interaction are kept; before, some 80 bytes an interaction were needed to compute them."""
    train = interactions_of([(user, item) for user in range(1_000) for item in range(user % 2, 100, 2)], 1_000, 100)
    offsets = train.offsets
    monkeypatch.setattr(sampling, "BLOCK", 1_000)
    tracemalloc.start()
    found = sampler(train)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.offsets is offsets
    assert peak < 8 * len(train) + 150 * 1_000 + 50_000


def test_random_bits_are_splitmix64s() -> None:
    """The reference outputs for the seed 1234567 (https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64)."""
    from recommenders.kernels.sampling import _bits

    stream = np.array([1234567], np.uint64)
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert [int(_bits(stream)) for _ in range(4)] == [value >> 32 for value in expected]


@pytest.mark.parametrize("bound", [3, 2**31 + 1, 3 * 2**30])
def test_bounded_numbers_are_fair(bound: int) -> None:
    """Of 2**32 bit patterns, those that would make some numbers more frequent are not used.

    With a bound of 3 * 2**30 every third number would come twice as often.
    """
    from recommenders.kernels.sampling import _fair_bits, _scaled

    stream = np.array([7], np.uint64)
    numbers = np.array([_scaled(np.uint64(_fair_bits(bound, stream)), bound) for _ in range(9_000)])
    assert numbers.min() >= 0
    assert numbers.max() < bound
    assert evenly_spread(np.bincount(numbers % 3, minlength=3))
    assert evenly_spread(np.bincount(numbers * 3 // bound, minlength=3))


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Parts of few examples; how many."""
    monkeypatch.setattr(sampling, "PART", 64)
    return 64


def test_an_epoch_of_several_parts_visits_every_interaction_once(interactions_of, in_parts: int) -> None:
    pairs = [(user, item) for user in range(30) for item in range(user % 4, 40, 4)]
    train = interactions_of(pairs, 30, 40)
    draws, touched = sampler(train), train.to_csr(np.bool_).toarray()

    parts = list(draws.labelled(3))
    assert len(parts) == -(-len(pairs) // (in_parts // 4))
    assert max(map(len, parts)) == in_parts
    users, items, labels = whole(parts).T
    assert sorted(zip(users[labels == 1].tolist(), items[labels == 1].tolist(), strict=True)) == pairs
    assert np.count_nonzero(labels == 0) == 3 * len(pairs)
    np.testing.assert_array_equal(touched[users, items], labels == 1)

    again = [part[:, 1].tolist() for part in draws.compared()]
    assert again != [part[:, 1].tolist() for part in draws.compared()], "another order in each epoch"
    assert max(map(len, again)) == in_parts


def test_interactions_fall_into_each_part_equally_often(interactions_of, in_parts: int) -> None:
    """160 interactions: by chance the first one is in the first part of 64 in two epochs of five."""
    draws = sampler(interactions_of([(user, user % 5) for user in range(160)], 160, 9))
    firsts = [0 in next(draws.compared())[:, 0] for _ in range(1_000)]
    expected = in_parts / 160
    assert abs(np.mean(firsts) - expected) < 4 * np.sqrt(expected * (1 - expected) / 1_000)


def test_a_user_of_everything_has_no_negatives_in_any_part(interactions_of, in_parts: int) -> None:
    draws = sampler(interactions_of([(user, item) for user in range(40) for item in range(3)], 40, 3))
    assert whole(draws.compared()).size == 0
    assert len(whole(draws.labelled(2))) == 120
    assert len(list(draws.labelled(2))) == -(-120 // (in_parts // 3))


def test_memory_of_an_epoch_is_that_of_a_part(interactions_of, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve bytes an example, of two parts at most, and four an interaction for the order; not all negatives."""
    train = interactions_of([(user, item) for user in range(400) for item in range(user % 2, 100, 2)], 400, 100)
    draws = sampler(train)
    monkeypatch.setattr(sampling, "PART", 20_200)
    tracemalloc.start()
    n = sum(len(part) for part in draws.labelled(100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n == 101 * len(train)
    assert peak < 2 * 12 * 20_200 + 12 * len(train) + 50_000


def test_more_interactions_than_can_be_numbered_are_refused(checkerboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "MOST_ROWS", len(checkerboard) - 1)
    with pytest.raises(RecommenderError, match=f"there are {len(checkerboard)}; train on a sample"):
        sampler(checkerboard)

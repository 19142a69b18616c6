"""The keyed random numbers (P9): golden vectors, so that no release of anything can move a draw unnoticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from protocol.keyed import bounded, derive, id_keys, mix64, root_key, text_key, words

MASK = 2**64 - 1
seeds = st.integers(0, MASK)


def splitmix64_in_plain_integers(seed: int, n: int) -> list[int]:
    """Step the published generator one by one."""
    outputs, state = [], seed
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        outputs.append(z ^ (z >> 31))
    return outputs


def test_the_published_stream_of_seed_zero() -> None:
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B]
    assert words(np.uint64(0), np.arange(5)).tolist() == published


@given(seeds)
def test_words_are_the_stepped_generator_read_at_any_position(seed: int) -> None:
    stepped = splitmix64_in_plain_integers(seed, 20)
    assert words(np.uint64(seed), np.arange(20)).tolist() == stepped
    assert int(words(np.uint64(seed), 13)) == stepped[13]


def test_golden_keys() -> None:
    assert int(text_key("recbench")) == int.from_bytes(bytes.fromhex("6c67fda7a49e3a6f"), "little")
    assert int(root_key(0, "ties")) == 0xE7AF5DFFFE2D5A68
    assert int(derive(root_key(0, "ties"), np.uint64(196))) == 0xEC97AD4CD99E3121
    assert bounded(root_key(0, "ties"), np.arange(8), 1000).tolist() == [204, 277, 922, 166, 324, 577, 244, 673]


def test_ids_are_their_own_keys_and_text_is_hashed() -> None:
    assert id_keys(np.array([7, -1])).tolist() == [7, MASK]
    assert id_keys(np.array(["7", "ä"], dtype=object)).tolist() == [int(text_key("7")), int(text_key("ä"))]


@given(st.lists(seeds, min_size=2, max_size=50, unique=True))
def test_mixing_is_a_bijection(values: list[int]) -> None:
    assert len(set(mix64(np.array(values, dtype=np.uint64)).tolist())) == len(values)


def test_purposes_and_seeds_have_streams_of_their_own() -> None:
    keys = {int(root_key(seed, purpose)) for seed in range(50) for purpose in ("ties", "candidates", "columns")}
    assert len(keys) == 150


@given(seeds, st.integers(1, 2**32 - 1))
def test_bounded_integers_stay_below_their_bound(seed: int, bound: int) -> None:
    drawn = bounded(np.uint64(seed), np.arange(20), bound)
    assert drawn.min() >= 0
    assert drawn.max() < bound


def lemire_in_plain_integers(key: int, counter: int, bound: int) -> int:
    """Reject, attempt by attempt, the words that would favour some results."""
    attempt = 0
    while True:
        position = counter + (attempt << 32)
        state = (key + (position + 1) * 0x9E3779B97F4A7C15) & MASK
        product = (int(mix64(np.uint64(state))) >> 32) * bound
        if product % 2**32 >= 2**32 % bound:
            return product >> 32
        attempt += 1


@given(seeds, st.sampled_from([1, 3, 1000, 2**31 + 1, 3 * 2**30, 2**32 - 1]))
def test_bounded_integers_are_lemires(seed: int, bound: int) -> None:
    expected = [lemire_in_plain_integers(seed, counter, bound) for counter in range(20)]
    assert bounded(np.uint64(seed), np.arange(20), bound).tolist() == expected


@pytest.mark.parametrize("bound", [3, 7, 100, 1682])
def test_bounded_integers_are_uniform(bound: int) -> None:
    drawn = bounded(root_key(1, "uniformity"), np.arange(200 * bound), bound)
    assert chisquare(np.bincount(drawn, minlength=bound)).pvalue > 1e-4

"""Draws are seen from the given generator, and from the global ones of Python, NumPy and PyTorch."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from bench.machine.random_state import RandomState

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS: dict[str, Callable[[np.random.Generator], Any]] = {
    "a number": lambda rng: rng.random(),
    "half of 64 bits": lambda rng: rng.integers(10, dtype=np.int32),
    "a spawned generator's seed": lambda rng: np.random.default_rng(rng.integers(2**31)),
    "Python": lambda _: random.random(),
    "NumPy": lambda _: np.random.rand(),  # noqa: NPY002 - the global generator is what is tested
    "NumPy, every second normal": lambda _: np.random.randn(),  # noqa: NPY002
    "PyTorch": lambda _: torch.rand(1),
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_is_seen(name: str) -> None:
    rng = np.random.default_rng(0)
    state = RandomState(rng)
    assert not state.has_moved()
    DRAWS[name](rng)
    assert state.has_moved()


def test_a_generator_of_the_code_itself_is_no_draw() -> None:
    rng = np.random.default_rng(0)
    state = RandomState(rng)
    np.random.default_rng(1).random(5)
    assert not state.has_moved()

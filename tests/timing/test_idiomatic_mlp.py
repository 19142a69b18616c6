"""The idiomatic loop is a fair rival: it trains, and what it learns is what the preset ``mlp_post`` learns."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from bench.timing.benchmarks import builder
from protocol.data.loading import load_dataset

pytestmark = pytest.mark.slow

EPOCHS = 2
SEEDS = range(4)
TRAIN = load_dataset("synthetic:40x100x800").interactions


@cache
def idiomatic_losses(seed: int) -> list[float]:
    # Here, because torch takes seconds to load, and a session of benchmarks collects this file, too.
    from idiomatic_mlp import train_epochs

    return list(train_epochs(TRAIN, epochs=EPOCHS, seed=seed))


def our_losses(seed: int) -> list[float]:
    model = builder("mlp_post", {"epochs": EPOCHS})()
    return list(model.fit_epochs(TRAIN, rng=np.random.default_rng(seed)))


def test_it_trains() -> None:
    losses = idiomatic_losses(0)
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_it_learns_what_the_preset_learns() -> None:
    """The loss after each epoch agrees within what another seed changes: three standard errors of the difference."""
    idiomatic = np.array([idiomatic_losses(seed) for seed in SEEDS])
    ours = np.array([our_losses(seed) for seed in SEEDS])
    difference = ours.mean(axis=0) - idiomatic.mean(axis=0)
    error = np.sqrt((ours.var(axis=0, ddof=1) + idiomatic.var(axis=0, ddof=1)) / len(SEEDS))
    assert np.all(np.abs(difference) < 3 * error)

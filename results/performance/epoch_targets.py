"""The targets of an epoch of `light_gcn` on growing data, and of one of `sasrec` beside its arithmetic."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np
from given import NO_DATA, ml_1m, model_of
from outcomes import SINGLE, Case, Outcome, Setting, seconds_of

from bench.machine.memory import peak_mib, reset_peak
from protocol.data.loading import load_dataset
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import Interactions

GROWING = ("2000x1500x100000", "10000x5000x1000000", "70000x30000x10000000")

SMALL_GROWING = ("60x150x1200", "120x150x2400")

ROUNDS = 3

SIDE = 1024
"""Of the square matrices whose product says how fast this machine multiplies."""

PAPER = {"embedding_size": 50, "n_blocks": 2, "n_heads": 1, "max_length": 200, "n_negatives": 0}
"""SASRec's size on MovieLens-1M in its paper, with the cross-entropy over all items."""


def light_gcn(setting: Setting) -> Iterator[Outcome]:
    """Time epochs on data of growing size, for each interaction."""
    import numba

    numba.config.NUMBA_NUM_THREADS = 1  # type: ignore[attr-defined]
    sizes = SMALL_GROWING if setting.quick else GROWING
    per_interaction = []
    for size in sizes:
        train = load_dataset(f"synthetic:{size}").interactions
        epochs = model_of("light_gcn", epochs=1 + ROUNDS).fit_epochs(train, rng=np.random.default_rng(0))
        next(epochs)
        n_rounds = 1 if size == sizes[-1] else ROUNDS
        seconds = [seconds_of(lambda: next(epochs)) for _ in range(n_rounds)]  # noqa: B023 - it is called at once
        per_interaction.append(1e6 * float(np.median(seconds)) / len(train))
    what = f"an epoch of `light_gcn` for one interaction, of {_n_of(sizes[-1]):,}"
    for size, each in zip(sizes[:-1], per_interaction[:-1], strict=True):
        note = f"{SINGLE} against the median of {ROUNDS}, after a first epoch; 13 steps each, at the defaults"
        case = Case("light_gcn", what, 1, "µs")
        yield case.within(per_interaction[-1], each, f"of {_n_of(size):,}", 1.5, note)


def _n_of(size: str) -> int:
    return int(size.rpartition("x")[2])


def sasrec(setting: Setting) -> Iterator[Outcome]:
    """Time an epoch at the paper's size against its floating-point operations, and measure its memory."""
    import torch

    torch.set_num_threads(setting.threads)
    what = "an epoch of `sasrec`, the paper's size, cross-entropy over all items, on ML-1M"
    case = Case("sasrec", what, setting.threads)
    against = f"its arithmetic, at the rate of a product of {SIDE:,}² matrices"
    dataset = ml_1m(setting)
    if dataset is None:
        yield case.skipped(against, "≤ 2 times", NO_DATA)
        return
    train = build_task(dataset, n_negatives=20 if setting.quick else 100).train
    model = model_of("sasrec", epochs=1, **PAPER)
    rates = [_rate()]
    gc.collect()
    can_reset = reset_peak()
    before = peak_mib()
    seconds = seconds_of(lambda: model.fit(train, rng=np.random.default_rng(0)))
    mib = peak_mib() - before
    rates.append(_rate())
    operations = _operations(train, model)
    note = f"{SINGLE}; {operations / 1e12:.3g} TFLOP, without padding; {max(rates) / 1e9:.0f} GFLOP/s"
    yield case.within(seconds, operations / max(rates), against, 2, note)
    array = 4 * model.batch_size * model.max_length * train.n_items / 2**20
    memory, whole = Case("sasrec", f"{what}: memory", setting.threads, "MiB"), "one array of batch x length x items"
    if can_reset:
        yield memory.within(mib, array, whole, 1, f"{SINGLE}; what was added while fitting")
    else:
        yield memory.skipped(whole, "≤ 1 times", "unavailable: this system does not let the peak begin anew")


def _rate() -> float:
    """Return how many floating-point operations a second a large product of matrices does; the best of some."""
    import torch

    one = torch.rand(SIDE, SIDE)
    return 2 * SIDE**3 / min(seconds_of(lambda: one @ one) for _ in range(10))


def _operations(train: Interactions, model: Any) -> float:
    """Return the operations of the products of an epoch, forward and two times as many backward, without padding."""
    size, length = model.embedding_size, model.max_length
    targets = np.maximum(np.diff(train.offsets) - 1, 0)
    whole, rest = np.divmod(targets, length)
    # Pairs of a position and another that it sees, itself included.
    n_pairs = float(np.sum(whole * (length * (length + 1) // 2) + rest * (rest + 1) // 2))
    n_positions = float(targets.sum())
    scores = n_positions * train.n_items * size
    layers = n_positions * model.n_blocks * 5 * size**2
    attention = n_pairs * model.n_blocks * 2 * size
    return 3 * 2 * (scores + layers + attention)

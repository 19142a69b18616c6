"""The targets of training in PyTorch: what our loop costs beside the loops that people write, and its memory."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import references
from outcomes import SINGLE, Case, Outcome, Setting, interleaved, same_loss

from bench.machine.memory import peak_mib, reset_peak
from protocol.data.loading import load_dataset
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocol.types import Interactions

NAME = "torch.mlp_post"

SEEDS = range(3)

N_EPOCHS = 3
"""Of each seed; the first is off the clock."""

BIG, SMALL = "synthetic:160000x60000x25000000", "synthetic:600x500x20000"

FEW, MANY = 1, 4
"""Numbers of negatives for each interaction."""

BIG_BATCH = 2**17
"""So that an epoch of so many interactions takes a minute."""


def _model(**parameters: Any) -> Any:
    return registry.new(registry.find(NAME), parameters)


def torch_epochs(train: Interactions) -> Iterator[Outcome]:
    """Time epochs of the post's perceptron in PyTorch against two loops, and against steps that compute nothing.

    For the idiomatic loop, layers begin by Glorot's rule, as they do there: so losses compare.
    """
    import torch

    torch.set_num_threads(1)
    losses: dict[str, list[float]] = {"ours": [], "theirs": []}
    medians = []
    for seed in SEEDS:
        works = _loops(train, seed)
        recorded = {
            name: lambda name=name, epoch=epoch: losses.setdefault(name, []).append(epoch())
            for name, epoch in works.items()
        }
        medians.append(interleaved(recorded, N_EPOCHS - 1))
    seconds = {name: float(np.median([one[name] for one in medians])) for name in medians[0]}
    case = Case("torch", f"an epoch of `{NAME}` on ML-100K, negatives drawn", 1)
    yield case.faster(seconds["ours"], seconds["theirs"], "the idiomatic loop in PyTorch", 1.5)
    ours, theirs = (np.array(losses[name]).reshape(len(SEEDS), N_EPOCHS) for name in ("ours", "theirs"))
    yield same_loss("torch", ours, theirs)
    note = (
        f"fused Adam; there, negatives and batches are made before; {seconds['bare'] / seconds['plain']:.0%} of that "
        "loop is torch's dispatch: what as many steps take with one pair each, and vectors and layers of 1"
    )
    yield case.within(
        seconds["ours"], seconds["plain"], "the best plain loop in PyTorch, on pre-built tensors", 1.1, note
    )


def _loops(train: Interactions, seed: int) -> dict[str, Callable[[], float]]:
    """Return functions that train one epoch and return its loss: ours, the idiomatic, the plain one, and a bare one."""
    from torch_references import PlainLoop, batches_of_an_epoch

    model = _model(epochs=N_EPOCHS, layer_init="glorot")
    least = _model(embedding_size=1, layers=(1,) * len(model.layers))
    plain, bare = (
        PlainLoop(one.new_module(train.n_users, train.n_items), model.learning_rate, model.weight_decay)
        for one in (model, least)
    )
    batches = batches_of_an_epoch(train, model.n_negatives, model.batch_size, seed)
    first_pairs = [(users[:1], items[:1], labels[:1]) for users, items, labels in batches]
    own = model.fit_epochs(train, rng=np.random.default_rng(seed))
    other = references.idiomatic_mlp().train_epochs(train, epochs=N_EPOCHS, seed=seed)
    return {
        "ours": partial(next, own),
        "theirs": partial(next, other),
        "plain": partial(plain.epoch, batches),
        "bare": partial(bare.epoch, first_pairs),
    }


def torch_memory(setting: Setting) -> Iterator[Outcome]:
    """Measure the peak of memory while one epoch is trained, without the interactions, with few and many negatives."""
    train = load_dataset(SMALL if setting.quick else BIG).interactions
    case = Case("torch", f"an epoch of `{NAME}` on {len(train):,} interactions: memory", 1, "MiB")
    goal = 1.1
    against = f"with {FEW} negatives instead of {MANY}"
    peaks = {}
    for n_negatives in (FEW, MANY):
        model = _model(epochs=1, batch_size=BIG_BATCH, n_negatives=n_negatives)
        gc.collect()
        if not reset_peak():
            yield case.skipped(
                against, f"≤ {goal:g} times", "unavailable: this system does not let the peak begin anew"
            )
            return
        before = peak_mib()
        model.fit(train, rng=np.random.default_rng(0))
        peaks[n_negatives] = peak_mib() - before
        del model
    all_at_once = 8 * MANY * len(train) / 2**20
    note = f"{SINGLE}, beside the interactions; batches of {BIG_BATCH:,}; all negatives would be {all_at_once:,.0f} MiB"
    if not peaks[FEW]:
        yield case.skipped(against, f"≤ {goal:g} times", "unavailable: it took no memory that was not there before")
        return
    yield case.within(peaks[MANY], peaks[FEW], against, goal, note)

"""How the time of networks of vectors grows with the data, and with what the full ranking asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from given import SMALL, dataset_of, model_of
from outcomes import SINGLE, Case, Outcome, Setting, seconds_of

from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import Interactions

GROWING = ("synthetic:2000x1500x100000", "synthetic:10000x5000x1000000", "synthetic:70000x30000x10000000")
"""Users, items and interactions of the data on which the time of an epoch for one interaction is compared."""

RANKED = "synthetic:20000x5000x1000000"


def growth(setting: Setting) -> Iterator[Outcome]:
    """Time an epoch for one interaction where there are ten and a hundred times as many."""
    small, *larger = (SMALL, SMALL) if setting.quick else GROWING
    for name in ("mf", "gmf", "mlp", "neumf"):
        seconds = {dataset: _second_epoch(name, _train(dataset, setting)) for dataset in (small, *larger)}
        for dataset in larger:
            case = Case("growth", f"an epoch of `{name}` on {dataset}, for one interaction", 1, "µs")
            note = f"defaults; {SINGLE} of the second epoch, negatives drawn"
            yield case.within(seconds[dataset], seconds[small], f"the same on {small}", 1.5, note)


def _train(dataset: str, setting: Setting) -> Interactions:
    return build_task(dataset_of(dataset), n_negatives=20 if setting.quick else 100).train


def _second_epoch(name: str, train: Interactions) -> float:
    """Return the microseconds of the second epoch for each interaction, in one thread."""
    _in_one_thread()
    epochs = model_of(name, epochs=2).fit_epochs(train, rng=np.random.default_rng(0))
    next(epochs)
    return 1e6 * seconds_of(lambda: next(epochs)) / len(train)


def _in_one_thread() -> None:
    import numba

    numba.config.NUMBA_NUM_THREADS = 1  # type: ignore[attr-defined]


def towers(setting: Setting) -> Iterator[Outcome]:
    """Time the scores of all items for all users against an epoch of the same network."""
    _in_one_thread()
    dataset = SMALL if setting.quick else RANKED
    train = _train(dataset, setting)
    blocks = np.array_split(np.arange(train.n_users, dtype=np.int32), 1 + train.n_users // 600)
    for name in ("mlp", "neumf"):
        model = model_of(name, epochs=2)
        epochs = model.fit_epochs(train, rng=np.random.default_rng(0))
        next(epochs)
        epoch = seconds_of(lambda: next(epochs))  # noqa: B023 - it is called at once
        scored = seconds_of(lambda: [model.score_all(users) for users in blocks])  # noqa: B023
        case = Case("towers", f"`{name}`: scores of all items for all users of {dataset}", 1)
        note = f"defaults; {SINGLE} each, in blocks of 600 users"
        yield case.within(scored, epoch, "the second epoch of its training, negatives drawn", 1, note)

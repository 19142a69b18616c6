"""``--on`` read into a place: a word, and after a colon what the place itself reads."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from protocol.errors import ProtocolError
from recommenders.registry.suggestions import did_you_mean

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from bench.running.places.place import Place

LOCAL = "local"

PLACES = {
    LOCAL: "bench.running.places.local",
    "dask": "bench.running.places.dask_place",
    "slurm": "bench.running.places.slurm_place",
}
"""The module of each place by its word; each has ``read(text) -> Place`` for the text behind the colon."""


def place_of(on: str | None, executor: Executor | None = None, *, same_machine: bool = False) -> Place:
    """Return the place that a user names; nothing is started or connected yet.

    Parameters
    ----------
    on
        ``"local"``, ``"local:4"``, ``"dask:ADDRESS"``, ``"slurm:partition=...,gpus=1"``; None for ``"local"``.
    executor
        In place of ``on``.
    same_machine
        Whether all jobs run on one kind of machine; so they do here anyway.

    Raises
    ------
    ProtocolError
        If there is no such place, its text is wrong, both are given, the executor is none, or it chooses machines
        itself.
    RecbenchError
        If the place needs a library that is not installed.
    """
    if executor is not None:
        if on is not None:
            raise ProtocolError(f"on={on!r} and an executor are two places; leave one of them out")
        if same_machine:
            raise ProtocolError(
                "an executor chooses its machines itself; leave same_machine out, or name a place by on="
            )
        if isinstance(executor, type) or not callable(getattr(executor, "submit", None)):
            raise ProtocolError(
                f"executor is {executor!r}, expected an executor of concurrent.futures, such as "
                "ProcessPoolExecutor(4); a cluster of dask or Slurm is named by on="
            )
        from bench.running.places.executor import ExecutorPlace

        return ExecutorPlace(executor)
    word, _, text = (on or LOCAL).partition(":")
    if word not in PLACES:
        raise ProtocolError(
            f"there is no place {word!r}{did_you_mean(word, PLACES)}; write local, local:N, dask:ADDRESS or "
            "slurm:partition=NAME,..."
        )
    place: Place = importlib.import_module(PLACES[word]).read(text)
    if same_machine and place.is_elsewhere:
        place.same_machine = True
    return place

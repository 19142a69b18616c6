"""Reference workloads. A benchmark's time is divided by theirs, so that slow hours of a machine cancel out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from bench.names import check_known
from bench.timing import clock

if TYPE_CHECKING:
    from collections.abc import Callable

ReferenceName: TypeAlias = Literal["compute", "memory"]
REFERENCES: tuple[ReferenceName, ...] = get_args(ReferenceName)


@dataclass(frozen=True)
class Reference:
    """A fixed piece of work of some milliseconds.

    Parameters
    ----------
    definition
        The work in words, with sizes. Times in units of references with different definitions are not comparable.
    work
        Does the work once.
    """

    definition: str
    work: Callable[[], None]

    def seconds(self, n_repeats: int) -> float:
        """Return the duration of one run, in seconds: the mean of ``n_repeats`` runs in a row."""

        def repeat() -> None:
            for _ in range(n_repeats):
                self.work()

        return clock.duration(repeat) / n_repeats


@cache
def find_reference(name: ReferenceName) -> Reference:
    """Return a reference workload, ready to run.

    Raises
    ------
    ProtocolError
        If no reference workload has this name.
    """
    check_known("reference workload", name, REFERENCES)
    return {"compute": _compute, "memory": _memory}[name]()


def _compute() -> Reference:
    """Return a workload of arithmetic and branches on data that stay in the cache."""
    rng = np.random.default_rng(0)
    left, right, product = (rng.random((256, 256)) for _ in range(3))
    unsorted = rng.random(40_000)

    def work() -> None:
        for _ in range(2):
            np.matmul(left, right, out=product)
        for _ in range(4):
            np.sort(unsorted)

    return Reference("compute: 2 products of float64 256x256, 4 sorts of 40,000 float64", work)


def _memory() -> Reference:
    """Return a workload of reads at fixed random places: their 12 MiB of cache lines exceed a core's own caches.

    A last-level cache that cores share may hold them while no other core uses it.
    """
    rng = np.random.default_rng(0)
    values = rng.random(2**23)
    places = rng.integers(0, values.size, 200_000)
    gathered = np.empty(places.size)

    def work() -> None:
        np.take(values, places, out=gathered)

    return Reference("memory: 200,000 random reads from 64 MiB", work)

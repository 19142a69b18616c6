"""The memory and the time that a job will need, as far as they are known, and from what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bench.running.foresight.earlier import Earlier, earlier_of
from bench.running.foresight.own import facts_of, library_bytes, own_bytes
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bench.running.plan import Job
    from protocol.train_facts import TrainFacts

Bound = Literal["about", "at least", "at most"]
"""How a figure is to be read. An earlier job on less data says the least, one on more data the most."""

_PAIR_BYTES = 16
"""Bytes for each pair of users and items, both counted as one kind: a weight, its gradient and Adam's two means."""


@dataclass(frozen=True)
class Need:
    """What one job will need.

    Parameters
    ----------
    n_bytes
        Of all processes of the job together; None where nothing is known.
    bound
        How ``n_bytes`` is to be read.
    source
        From what it is known, or why it is not.
    facts
        The sizes of the data.
    earlier
        An earlier job of the same recommender with the same parameters; None where none is found.
    declared
        What of ``n_bytes`` the recommender itself declares; None where it declares nothing.
    """

    n_bytes: int | None
    bound: Bound
    source: str
    facts: TrainFacts
    earlier: Earlier | None = None
    declared: int | None = None

    @property
    def least_bytes(self) -> int | None:
        """What it will need at least; None where that is not known."""
        return None if self.bound == "at most" else self.n_bytes


def needs_of(jobs: Iterable[Job], folders: Sequence[Path] = ()) -> dict[str, Need]:
    """Return what jobs will need, by their keys; what is equal for all seeds is found once (see `need_of`)."""
    facts: dict[tuple[str, bool, int], TrainFacts] = {}
    found: dict[tuple[str, str], Need] = {}
    needs = {}
    for job in jobs:
        sizes, row = (job.task.digest, job.full, job.threads), (job.task.digest, job.choice.label)
        if row not in found:
            facts[sizes] = facts.get(sizes) or facts_of(job)
            found[row] = need_of(job, facts[sizes], folders)
        needs[job.key] = found[row]
    return needs


def need_of(job: Job, facts: TrainFacts, folders: Sequence[Path] = (), *, timeout_s: float | None = None) -> Need:
    """Return what a job will need.

    Parameters
    ----------
    facts
        The sizes of its data.
    folders
        With results of earlier runs, and folders of such folders.
    timeout_s
        Seconds that a plug-in may take to say it.
    """
    earlier = earlier_of(job, facts, folders) if folders else None
    said = registry.foreseen_of(job.choice.entry, job.choice.parameters, facts, _placement(job), timeout_s)
    if said.n_bytes is not None:
        libraries = library_bytes(job) if said.resident is None else said.resident
        return Need(said.n_bytes + libraries + own_bytes(job), "about", "declared", facts, earlier, said.n_bytes)
    if earlier is not None:
        return Need(earlier.n_bytes, earlier.bound, earlier.source, facts, earlier)
    return Need(None, "about", said.problem, facts)


def may_matter(job: Job, free: int) -> bool:
    """Return whether it is worth finding out, before a run, what a job needs.

    Asking a bare module imports PyTorch in a process of its own, which takes seconds. It is not asked where even a
    weight for each pair of users and items would fit.
    """
    n = job.task.train.n_users + job.task.train.n_items
    is_cheap = registry.is_imported_here(job.choice.entry) or not job.description.is_counted
    return is_cheap or _PAIR_BYTES * n**2 > free


def _placement(job: Job) -> dict[str, str]:
    return {} if job.placement is None else job.placement.arguments

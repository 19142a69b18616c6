"""What a job holds besides its recommender: Python and its libraries, the task, and what ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.evaluation.evaluate import TOP_ITEMS
from protocol.evaluation.ranking import BLOCK_BYTES
from protocol.train_facts import TrainFacts
from recommenders import registry
from recommenders.modules.module_model import ModuleModel

if TYPE_CHECKING:
    from bench.running.plan import Job
    from protocol.tasks.task import Task

_DOUBLE = 8

_MIB = 2**20

PLAIN, COMPILED, IN_TORCH = 60 * _MIB, 170 * _MIB, 430 * _MIB
"""What a process has resident that has loaded NumPy and SciPy; with Numba, too; with PyTorch, too."""

_CANDIDATES, _CATALOGUE = 48, 16
"""Bytes for each score of a block while candidates are ranked, and while all items are, besides the scores."""


def facts_of(job: Job) -> TrainFacts:
    """Return the sizes on which a job's memory depends."""
    task, candidates = job.task, job.task.candidates
    n_negatives = int(candidates.negatives.shape[1])
    return TrainFacts.of(
        task.train,
        n_evaluated=candidates.n_evaluated,
        n_negatives=n_negatives,
        ranks_all=job.full,
        n_scores=max(_scores(task, n_negatives + 1), _scores(task, task.train.n_items) if job.full else 0),
        threads=job.threads,
    )


def own_bytes(job: Job) -> int:
    """Return the bytes that a job holds besides its recommender and the libraries that are loaded."""
    tasks = {task.digest: task for task in (job.task, job.validation) if task is not None}
    return max(shared_bytes(task) + _evaluation_bytes(task, ranks_all=job.full) for task in tasks.values())


def shared_bytes(task: Task) -> int:
    """Return the bytes of the training interactions, which jobs of one task share."""
    return sum(array.nbytes for array in task.train.arrays.values())


def library_bytes(job: Job) -> int:
    """Return the bytes of Python and the libraries that a recommender of this package loads."""
    cls = registry.load_class(job.choice.entry)
    if issubclass(cls, ModuleModel):
        return IN_TORCH
    return COMPILED if getattr(cls, "slow_imports", ()) or job.full else PLAIN


def _evaluation_bytes(task: Task, *, ranks_all: bool) -> int:
    candidates = task.candidates
    n_columns = 1 + candidates.negatives.shape[1]
    held = sum(array.nbytes for array in task.evaluation_arrays.values()) + candidates.is_rival.nbytes
    block = _CANDIDATES * _scores(task, n_columns)
    if not ranks_all:
        return held + block
    lists = _DOUBLE * candidates.n_evaluated * min(TOP_ITEMS, task.train.n_items)
    return held + lists + max(block, _CATALOGUE * _scores(task, task.train.n_items))


def _scores(task: Task, n_columns: int) -> int:
    """Return the most scores of one call, for users with so many items each (see `protocol.evaluation.evaluate`)."""
    users = min(task.candidates.n_evaluated, max(1, BLOCK_BYTES // (_DOUBLE * max(1, n_columns))))
    return users * n_columns

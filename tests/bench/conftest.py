"""What tests of the measuring share: small tasks, and jobs on them."""

from __future__ import annotations

import hashlib
import signal
from typing import TYPE_CHECKING, Any

import jobs_here as jobs
import pytest

from bench.choices import choose
from bench.running.plan import plan_jobs
from protocol.data.loading import load_dataset
from protocol.tasks.task import Task, build_task, build_validation_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.running.plan import Job
    from protocol.data.dataset import Dataset

ENVIRONMENT = {"cpu": "A_CPU", "versions": {"python": "3.11"}}


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_dataset("synthetic:60x80x900")


@pytest.fixture(scope="session")
def task(dataset: Dataset) -> Task:
    return build_task(dataset, n_negatives=20)


@pytest.fixture(scope="session")
def validation(dataset: Dataset) -> Task:
    return build_validation_task(dataset, n_negatives=20)


@pytest.fixture
def plan(task: Task, validation: Task) -> Callable[..., list[Job]]:
    """Return a function that plans jobs for recommenders named as on the command line."""

    def jobs(
        recommenders: Sequence[str] | None = (),
        plugins: Sequence[str] = (),
        seeds: Sequence[int] = (0,),
        patience: int | None = None,
        **options: Any,
    ) -> list[Job]:
        defaults = {
            "threads": 1,
            "environment": ENVIRONMENT,
            "task": task,
            "validation": validation if patience else None,
            "patience": patience,
            "full_limit": 10**6,
        }
        return plan_jobs(choose(recommenders, plugins), seeds, **{**defaults, **options})

    return jobs


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return a function that writes a plug-in file and returns its path.

    The same source lies in the same place for all tests: a plug-in is inspected in a process of its own, once a place.
    """
    folder = tmp_path_factory.mktemp("plugins")

    def write(source: str, name: str = "plugin.py") -> str:
        path = folder / hashlib.sha256(source.encode()).hexdigest()[:16] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return str(path)

    return write


@pytest.fixture(scope="module")
def jobs_here() -> Iterator[None]:
    """Run a module's jobs in this process (see the helper `jobs_here`)."""
    with jobs.jobs_here():
        yield


@pytest.fixture
def in_this_process() -> Iterator[None]:
    """Run the jobs of one test in this process; other tests of its module start processes."""
    with jobs.jobs_here():
        yield


@pytest.fixture
def ctrl_c_interrupts() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt; a shell starts what runs in the background with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)

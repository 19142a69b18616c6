"""Fit and score recommenders on one dataset."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.data import Data
    from bench.records.record import Record

DEFAULT_TIMEOUT = 3600.0


DEFAULT_FULL_LIMIT = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run left behind.

    Parameters
    ----------
    records
        Of the recommenders and seeds asked for, found or made.
    folder
        Where they lie.
    """

    records: tuple[Record, ...]
    folder: Path

    @property
    def n_failed(self) -> int:
        """How many jobs failed."""
        return sum(record.failed for record in self.records)


def run_records(
    data: Data,
    recommenders: Sequence[str] | None = None,
    *,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    early_stopping: int | None = None,
    full_limit: int = DEFAULT_FULL_LIMIT,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    out: Path | str | None = None,
    baseline: str | None = None,
    params: Path | str | None = None,
    quiet: bool = False,
) -> Outcome:
    """Do what `run` does, and return the records.

    Parameters
    ----------
    baseline
        What must be among the recommenders, which is known before anything is fitted.
    quiet
        Whether to show no progress.
    """
    from bench.choices import choose
    from bench.machine.environment import describe_environment, physical_cores
    from bench.records.groups import check_label
    from bench.records.store import Store
    from bench.running.plan import plan_jobs
    from bench.running.progress.choosing import make_progress
    from bench.running.runner import run_jobs
    from bench.tuning.tuned_file import read_tuned

    tuned = None if params is None else read_tuned(Path(params))
    choices = tuned.choose(recommenders, plugins) if tuned else choose(recommenders, plugins)
    if baseline is not None:
        check_label(baseline, [choice.label for choice in choices])
    dataset = data.load()
    task = data.test_task(dataset)
    validation = data.validation_task(dataset) if early_stopping or tuned else None
    if tuned and validation and (warning := tuned.warning(dataset.name, validation.digest)):
        print(f"recbench: warning: {warning}", file=sys.stderr)
    jobs = plan_jobs(
        choices,
        seeds,
        threads=threads or physical_cores(),
        environment=describe_environment(),
        task=task,
        validation=validation if early_stopping else None,
        patience=early_stopping,
        full_limit=full_limit,
    )
    folder = Path(out) if out else data.folder(dataset, task)
    records = run_jobs(jobs, Store(folder), timeout=timeout, memory=memory, progress=make_progress(quiet=quiet))
    return Outcome(tuple(records), folder)

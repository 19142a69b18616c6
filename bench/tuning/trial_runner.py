"""Run trials: they are jobs on the validation task, and never see another task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.machine.devices.choosing import ON_CPU, Asked
from bench.machine.environment import describe_environment
from bench.records.store import Store
from bench.running.device_texts import device_texts
from bench.running.plan import plan_jobs
from bench.running.progress.choosing import make_progress
from bench.running.runner import run_feed
from bench.tuning.trial_feed import TrialFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.choices import Choice
    from bench.running.places.place import Place
    from bench.running.plan import Job
    from bench.tuning.trial_feed import Asking
    from protocol.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class TrialRunner:
    """Runs trials as jobs; a trial whose record is in the folder is not run again.

    Parameters
    ----------
    task
        The validation task.
    folder
        Where the records go.
    seeds
        Training seeds; a deterministic recommender gets the first one only.
    patience
        Epochs without a better NDCG@10 after which a trial stops (see `bench.running.training.select_epochs`).
    threads
        Of each trial.
    timeout
        Seconds after which a trial is stopped.
    memory
        Bytes; a trial whose processes hold more is stopped. None for no limit.
    place
        Where trials run.
    jobs
        The most trials that the place is asked for at once; None for as many as it runs.
    asked
        The device and the precision (see `bench.running.plan.plan_jobs`).
    go_on
        Whether first trials that cannot fit into the free memory are failures; otherwise they are an error. Later ones
        are always failures: the search goes on.
    quiet
        Whether to show no progress.
    """

    task: Task
    folder: Path
    seeds: Sequence[int]
    patience: int
    threads: int
    timeout: float
    memory: int | None
    place: Place
    jobs: int | None
    asked: Asked = ON_CPU
    go_on: bool = False
    quiet: bool = False

    def run(self, asking: Asking, after_trial: Callable[[], None]) -> None:
        """Run what a search asks for, each trial as soon as there is a place for it.

        Parameters
        ----------
        after_trial
            Called after each combination that is run now.
        """
        environment, progress = describe_environment(), make_progress(self.timeout, quiet=self.quiet)

        def planned(choice: Choice) -> list[Job]:
            return plan_jobs(
                [choice],
                self.seeds,
                threads=self.threads,
                environment=environment,
                task=self.task,
                validation=self.task,
                patience=self.patience,
                asked=self.asked,
                elsewhere=self.place.is_elsewhere,
            )

        def begun(jobs: Sequence[Job]) -> None:
            for text in device_texts(jobs, self.asked):
                progress.explained(text)

        run_feed(
            TrialFeed(asking, self.task, planned, begun=begun, after_trial=after_trial),
            Store(self.folder),
            timeout=self.timeout,
            memory=self.memory,
            progress=progress,
            place=self.place,
            jobs=self.jobs,
            go_on=self.go_on,
        )

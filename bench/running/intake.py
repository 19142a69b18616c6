"""Take the jobs of a feed: stored records answer some, some do not fit into the memory, and the others are to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.records.outcome import Failure
    from bench.records.record import Record
    from bench.running.feed import Feed
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress
    from bench.running.settling import Settling
    from bench.running.stored import Stored


class Intake:
    """Takes jobs as a feed gives them, each once.

    Parameters
    ----------
    stored
        Returns what the store has of some jobs.
    at_once
        Returns how many jobs run at once, as far as that is known.
    progress
        Receives why jobs run again although there are records of them, once this is asked for.
    """

    def __init__(
        self,
        feed: Feed,
        stored: Callable[[Sequence[Job]], Stored],
        at_once: Callable[[], int],
        progress: Progress,
    ) -> None:
        self._feed, self._stored, self._at_once, self._progress = feed, stored, at_once, progress
        self._taken: set[str] = set()
        self._reasons: dict[str, bool] = {}
        self.n_stored = 0
        """How many jobs were answered by stored records."""
        self.n_made = 0
        """How many records were made."""

    def take(self) -> list[Job]:
        """Return what is to be run now; what follows on stored records is taken, too."""
        missing = []
        while given := self._feed.next(self._at_once()):
            new = list({job.key: job for job in given if job.key not in self._taken}.values())
            self._taken.update(job.key for job in new)
            stored = self._stored(new)
            self._reasons.update({reason: False for reason in stored.reasons if reason not in self._reasons})
            self.n_stored += len(stored.records)
            missing += [job for job in new if job.key not in stored.records]
            for job in new:
                if job.key in stored.records:
                    self._feed.tell(job, stored.records[job.key], is_new=False)
        return missing

    def made(self, job: Job, record: Record) -> None:
        """Receive the record that was made of a job."""
        self.n_made += 1
        self._feed.tell(job, record, is_new=True)

    def explain(self) -> None:
        """Say why jobs that were taken run again, each reason once."""
        for reason, is_said in self._reasons.items():
            if not is_said:
                self._progress.explained(reason)
        self._reasons = dict.fromkeys(self._reasons, True)


class Admission:
    """Lets jobs run that fit into the free memory; the others become failures, and what the feed gives next is taken.

    Parameters
    ----------
    unfit
        Returns the failures of jobs that cannot fit, by their keys.
    """

    def __init__(
        self,
        intake: Intake,
        settling: Settling,
        unfit: Callable[[Sequence[Job]], Mapping[str, Failure]],
        progress: Progress,
    ) -> None:
        self._intake, self._settling, self._unfit, self._progress = intake, settling, unfit, progress

    def of(self, jobs: Sequence[Job], failures: Mapping[str, Failure]) -> list[Job]:
        """Return those of some jobs that are no failures, and what the feed gives beside them."""
        admitted: list[Job] = []
        while True:
            for job in jobs:
                if job.key in failures:
                    self._intake.made(job, self._settling.refuse(job, failures[job.key]))
                else:
                    admitted.append(job)
            jobs = self._intake.take()
            self._intake.explain()
            if not jobs:
                return admitted
            self._progress.added(jobs)
            failures = self._unfit(jobs)

    def after(self, job: Job, record: Record) -> list[Job]:
        """Return the jobs that follow on the record of one."""
        self._intake.made(job, record)
        return self.of((), {})

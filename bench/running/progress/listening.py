"""The interface of a run's progress, and progress that shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.texts import Event


class Progress(Protocol):
    """Receives what happens in a run; from several threads where several jobs run at once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        """Receive the jobs to run first, how many are stored already, and how many may follow (None: unknown)."""
        ...

    def added(self, jobs: Sequence[Job]) -> None:
        """Receive jobs that are to run, too, now that others have ended."""
        ...

    def explained(self, reason: str) -> None:
        """Receive a reason why jobs run again although there are records of them."""
        ...

    def started(self, job: Job) -> None:
        """Receive a job whose process starts now."""
        ...

    def reported(self, job: Job, event: Event) -> None:
        """Receive an event of a job's process."""
        ...

    def ended(self, job: Job, record: Record) -> None:
        """Receive the record of a job that has ended."""
        ...


class Silence:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, jobs: Sequence[Job], *, n_stored: int, folder: Path, n_more: int | None = 0) -> None:
        """See `Progress`, and so for the others."""

    def added(self, jobs: Sequence[Job]) -> None:
        """Show nothing."""

    def explained(self, reason: str) -> None:
        """Show nothing."""

    def started(self, job: Job) -> None:
        """Show nothing."""

    def reported(self, job: Job, event: Event) -> None:
        """Show nothing."""

    def ended(self, job: Job, record: Record) -> None:
        """Show nothing."""

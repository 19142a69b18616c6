"""Note the jobs that run, and press Ctrl-C after some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.running.supervisor import Supervisor

if TYPE_CHECKING:
    import pytest

    from bench.records.record import Record
    from bench.running.plan import Job


def count_runs(monkeypatch: pytest.MonkeyPatch, most: int | None = None) -> list[str]:
    """Return a list that gets the title of each job that runs; after so many, the user presses Ctrl-C."""
    ran: list[str] = []
    run = Supervisor.run

    def noted(supervisor: Supervisor, job: Job) -> Record:
        if most is not None and len(ran) == most:
            raise KeyboardInterrupt
        ran.append(job.title)
        return run(supervisor, job)

    monkeypatch.setattr(Supervisor, "run", noted)
    return ran

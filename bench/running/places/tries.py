"""A job whose worker is lost runs again elsewhere, at most twice; then its row says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.making import failed_record
from bench.records.outcome import Failure

if TYPE_CHECKING:
    from bench.records.record import Record
    from bench.running.plan import Job

MOST = 3
"""The number of times that a job is tried."""

_ORDINALS = ("first", "second", "third")


class Tries:
    """Counts how often each job of a run has lost its worker."""

    def __init__(self) -> None:
        self._lost: dict[str, list[str]] = {}

    def lost(self, job: Job, reason: str) -> Record | None:
        """Note that a worker of a job is lost; return the job's record if that was the last try, and else None.

        Parameters
        ----------
        reason
            As a message continues: ``"its worker node7 died (killed by SIGKILL)"``.
        """
        reasons = self._lost.setdefault(job.key, [])
        reasons.append(reason)
        if len(reasons) < MOST:
            return None
        message = f"{' '.join(reason.split())}, the {_ORDINALS[MOST - 1]} time; it is not tried again"
        detail = "\n".join(f"{number}: {one}" for number, one in enumerate(reasons, start=1))
        return failed_record(job.document, Failure("lost", message, detail=detail))

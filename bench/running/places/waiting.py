"""Jobs that wait for a worker of a cluster; one that lost its worker waits for another one, at most twice."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.running.places.place import Returned
from bench.running.places.tries import Tries

if TYPE_CHECKING:
    from collections.abc import Collection
    from concurrent.futures import Future

    from bench.running.plan import Job


@dataclass(eq=False)
class Waiting:
    """A job that waits for a worker, or has one.

    Parameters
    ----------
    returned
        Gets what comes back.
    lost
        The workers that it lost.
    """

    job: Job
    returned: Future[Returned]
    lost: set[str] = field(default_factory=set)


class WaitingLine:
    """The jobs that wait, first come, first served; those that lost a worker are the first."""

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque()
        self._tries = Tries()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, waiting: Waiting) -> None:
        """Let a job wait behind the others."""
        self._waiting.append(waiting)

    def rejoin(self, waiting: Waiting) -> None:
        """Let a job that no worker has begun wait in front."""
        self._waiting.appendleft(waiting)

    def next_for(self, worker: str, present: Collection[str]) -> Waiting | None:
        """Take the first job that a worker may run; None where there is none.

        Parameters
        ----------
        present
            All workers: a job goes back to one that it lost only if there is no other.
        """
        for waiting in self._waiting:
            if worker not in waiting.lost or waiting.lost.issuperset(present):
                self._waiting.remove(waiting)
                return waiting
        return None

    def lost(self, waiting: Waiting, worker: str, reason: str) -> bool:
        """Let a job that lost its worker wait in front, and return True; after its last try it is a failure.

        Parameters
        ----------
        reason
            See `bench.running.places.tries.Tries.lost`.
        """
        waiting.lost.add(worker)
        record = self._tries.lost(waiting.job, reason)
        if record is None:
            self.rejoin(waiting)
        else:
            waiting.returned.set_result(Returned(record))
        return record is None

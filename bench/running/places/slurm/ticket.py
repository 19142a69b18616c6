"""A job of a run on Slurm, from its submission to its answer."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.running.places.slurm.folder import parcel_key

if TYPE_CHECKING:
    from bench.running.places.place import Returned
    from bench.running.plan import Job


@dataclass(eq=False)
class Ticket:
    """A job that waits to be sent, or was sent and has given no answer.

    Parameters
    ----------
    returned
        Gets what the job gives back.
    avoided
        The nodes on which it was lost.
    array, index
        The element that it is; an empty name before it is sent.
    node
        Where it was seen last; empty before it runs.
    over
        How many times in a row the queue showed that its element is over.
    """

    job: Job
    parcel: bytes
    returned: Future[Returned] = field(default_factory=Future)
    avoided: set[str] = field(default_factory=set)
    array: str = ""
    index: int = 0
    node: str = ""
    over: int = 0
    key: str = ""

    def __post_init__(self) -> None:
        self.key = parcel_key(self.parcel)

    @property
    def element(self) -> tuple[str, int]:
        """The name of its array, and its index there."""
        return self.array, self.index

"""Send jobs that wait to Slurm, as few job arrays as Slurm takes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.running.places.slurm import queue
from bench.running.places.slurm.arrays import SlurmRefusesError, send
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.running.places.slurm.folder import RunFolder
    from bench.running.places.slurm.request import Request
    from bench.running.places.slurm.ticket import Ticket

MOST_AT_ONCE = 10_000
"""How many elements of an array may run at once where the user sets no number; the cluster has limits of its own."""


@dataclass(frozen=True)
class _Array:
    """An array that was sent.

    Parameters
    ----------
    job
        Slurm's number of it.
    at_once
        The most elements of it that run at once.
    avoided
        Nodes on which its jobs were lost.
    """

    job: str
    at_once: int
    avoided: frozenset[str]


class Sender:
    """Sends jobs as elements of arrays.

    Parameters
    ----------
    most_elements
        That an array may have.
    """

    def __init__(self, folder: RunFolder, request: Request, most_elements: int) -> None:
        self._folder, self._request, self._most = folder, request, most_elements
        self._arrays: dict[str, _Array] = {}
        self._n_tried = 0
        self._unequal: dict[str, str] = {}

    def send(self, waiting: list[Ticket], sent: Mapping[tuple[str, int], Ticket]) -> list[Ticket]:
        """Send an array of jobs that wait; return those that are in it, and that wait no more.

        Raises
        ------
        ProtocolError
            If Slurm takes none of them, and none of those sent before is left, for which it could be waiting.
        bench.running.places.slurm.queue.ControllerAwayError
            If there is no controller.
        """
        room = self._room(sent)
        if not waiting or not room:
            return []
        avoided = waiting[0].avoided
        tickets = [ticket for ticket in waiting if ticket.avoided == avoided][: self._most]
        at_once = min(room, len(tickets))
        try:
            name = self._send(tickets, at_once)
        except SlurmRefusesError as error:
            self._act_on(error, tickets, has_others=bool(sent))
            return []
        for index, ticket in enumerate(tickets):
            ticket.array, ticket.index, ticket.node, ticket.over = name, index, "", 0
        return tickets

    def _room(self, sent: Mapping[tuple[str, int], Ticket]) -> int:
        """Return how many more elements may run at once."""
        most = self._request.wishes.array_parallelism
        if most is None:
            return MOST_AT_ONCE
        live: dict[str, int] = {}
        for name, _ in sent:
            live[name] = live.get(name, 0) + 1
        return most - sum(min(self._arrays[name].at_once, n) for name, n in live.items())

    def leave_out(self, node: str, reason: str, sent: Mapping[tuple[str, int], Ticket]) -> None:
        """Send no job to a node any more, not those either that wait already."""
        self._unequal[node] = reason
        for name in {name for name, _ in sent}:
            array = self._arrays[name]
            with contextlib.suppress(queue.ControllerAwayError):
                queue.exclude(array.job, self._request.excluded({*array.avoided, *self._unequal}))

    def _send(self, tickets: list[Ticket], at_once: int) -> str:
        """Send an array, and return its name."""
        self._n_tried += 1
        name, avoided = f"{self._folder.name}-{self._n_tried}", frozenset(tickets[0].avoided)
        self._folder.write_array(name, [ticket.parcel for ticket in tickets])
        parameters = self._request.parameters({*avoided, *self._unequal})
        try:
            job = send(name, self._folder.path, len(tickets), at_once, parameters)
        except BaseException:
            # Slurm may have taken it, although it could not say so: its elements then find nothing to do.
            self._folder.drop_array(name)
            raise
        self._arrays[name] = _Array(job, at_once, avoided)
        return name

    def _act_on(self, error: SlurmRefusesError, tickets: list[Ticket], *, has_others: bool) -> None:
        """Ask for less the next time."""
        if tickets[0].avoided:
            # There are no other nodes than those on which they were lost.
            for ticket in tickets:
                ticket.avoided = set()
        elif self._unequal:
            raise ProtocolError("; ".join(dict.fromkeys(self._unequal.values()))) from error
        elif len(tickets) > 1:
            self._most = len(tickets) // 2
        elif not has_others:
            raise ProtocolError(f"Slurm refuses the jobs: {error}") from error

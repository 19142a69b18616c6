"""Send jobs that wait to Slurm, as few job arrays as Slurm takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.running.places.slurm.arrays import SlurmRefusesError, send
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.running.places.slurm.folder import RunFolder
    from bench.running.places.slurm.request import Request
    from bench.running.places.slurm.ticket import Ticket

MOST_AT_ONCE = 10_000
"""How many elements of an array may run at once where the user sets no number; the cluster has limits of its own."""


class Sender:
    """Sends jobs as elements of arrays.

    Parameters
    ----------
    most_elements
        That an array may have.

    Attributes
    ----------
    unequal
        Why no job of this run runs on a node, by its name.
    """

    def __init__(self, folder: RunFolder, request: Request, most_elements: int) -> None:
        self._folder, self._request, self._most = folder, request, most_elements
        self._n_arrays = 0
        self._at_once: dict[str, int] = {}
        self.unequal: dict[str, str] = {}

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
        self._at_once[name] = at_once
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
        return most - sum(min(self._at_once[name], n) for name, n in live.items())

    def _send(self, tickets: list[Ticket], at_once: int) -> str:
        self._n_arrays += 1
        name = f"{self._folder.name}-{self._n_arrays}"
        self._folder.write_array(name, [ticket.parcel for ticket in tickets])
        send(
            name,
            self._folder.path,
            len(tickets),
            at_once,
            self._request.parameters({*tickets[0].avoided, *self.unequal}),
        )
        return name

    def _act_on(self, error: SlurmRefusesError, tickets: list[Ticket], *, has_others: bool) -> None:
        """Ask for less the next time."""
        if tickets[0].avoided:
            # There are no other nodes than those on which they were lost.
            for ticket in tickets:
                ticket.avoided = set()
        elif self.unequal:
            raise ProtocolError("; ".join(dict.fromkeys(self.unequal.values()))) from error
        elif len(tickets) > 1:
            self._most = len(tickets) // 2
        elif not has_others:
            raise ProtocolError(f"Slurm refuses the jobs: {error}") from error

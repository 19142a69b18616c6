"""Which workers a cluster of dask has, and which of them may run jobs of this driver."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.running.places.dask_member import Member, read_introduction, request
from bench.running.places.place import PlaceLostError
from bench.running.travel.identity import differences, identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

ANSWERING_SECONDS = 60.0
"""The most that the scheduler takes to say which workers there are; dask gives up a dead connection after 30."""

_RUNNING = "running"
"""The status of a client that is connected, and of a worker to which dask gives tasks."""

_GONE = "the scheduler of dask is gone"
_GO_ON = "finished jobs are kept: start it again, and run the same command"


class Roster:
    """The workers of a cluster.

    Parameters
    ----------
    same_machine
        Whether workers on other kinds of machine than most are left out.
    welcome
        Is called with each worker that may run jobs.
    explain
        Is called with why a worker is left out.

    Attributes
    ----------
    members
        The workers that may run jobs, by address.
    left_out
        Why others may not, by address.
    """

    def __init__(
        self, client: Client, *, same_machine: bool, welcome: Callable[[Member], None], explain: Callable[[str], None]
    ) -> None:
        self._client, self._same_machine = client, same_machine
        self._welcome, self._explain = welcome, explain
        self._meeting: dict[str, asyncio.Task[None]] = {}
        self._kind: str | None = None
        self.members: dict[str, Member] = {}
        self.left_out: dict[str, str] = {}

    async def open(self) -> None:
        """Meet the workers that are there now; then welcome those that may run jobs.

        Raises
        ------
        PlaceLostError
            If the scheduler does not answer.
        """
        welcome, met = self._welcome, list[Member]()
        self._welcome = met.append
        await self.look()
        await asyncio.gather(*self._meeting.values())
        self._welcome = welcome
        if self._same_machine and met:
            ((self._kind, _),) = Counter(member.kind for member in met).most_common(1)
        for member in met:
            if self._is_of_the_kind(member):
                welcome(member)

    async def look(self) -> None:
        """Ask the scheduler which workers there are, and begin to meet those that are new.

        Raises
        ------
        PlaceLostError
            If it does not answer.
        """
        scheduler: Any = self._client.scheduler
        try:
            if self._client.status != _RUNNING:
                raise ConnectionError("the connection is closed")
            # In Python 3.11, `asyncio.wait_for` swallows a cancellation that comes with the answer.
            async with asyncio.timeout(ANSWERING_SECONDS):
                found = await scheduler.identity()
        except OSError as error:  # A connection that is closed, or takes too long.
            raise PlaceLostError(f"{_GONE} ({error or 'it does not answer'}); {_GO_ON}") from error
        seen = found["workers"]
        for address in [known for known in self.members if known not in seen]:
            self.forget(address)
        for address in [known for known in self.left_out if known not in seen]:
            del self.left_out[address]
        for address, about in seen.items():
            takes_jobs = about["status"] == _RUNNING
            if (member := self.members.get(address)) is not None:
                member.takes_jobs = takes_jobs
                if not (takes_jobs or member.has_begun):
                    member.recalled.set()
            elif address not in self.left_out and address not in self._meeting:
                self._meeting[address] = asyncio.create_task(self._meet(address, takes_jobs=takes_jobs))

    def forget(self, address: str) -> None:
        """Let a worker go; if it is there after all, it is met again."""
        if (member := self.members.pop(address, None)) is not None:
            member.gone.set()
            member.recalled.set()

    def leave_out(self, member: Member, reason: str) -> None:
        """Give a worker no more jobs."""
        self.members.pop(member.address, None)
        self.left_out[member.address] = reason
        self._explain(f"{member} gets no jobs: {reason}")

    async def _meet(self, address: str, *, takes_jobs: bool) -> None:
        """Ask a worker who it is, and welcome it or leave it out."""
        try:
            answer = await self._client.run(eval, request(), workers=[address])
            member = Member(address, read_introduction(answer[address]), takes_jobs=takes_jobs)
        except (OSError, KeyError):
            return  # It is gone again; if not, it is met at the next look.
        except Exception as error:  # noqa: BLE001 - whatever a worker does must not end the run
            self.left_out[address] = f"it cannot say which recbench it has ({type(error).__name__}: {error})"
            self._explain(f"worker {address} gets no jobs: {self.left_out[address]}")
            return
        finally:
            del self._meeting[address]
        if reason := _why_not(member):
            self.leave_out(member, reason)
            return
        self.members[address] = member
        if self._is_of_the_kind(member):
            self._welcome(member)

    def _is_of_the_kind(self, member: Member) -> bool:
        """Return whether a worker's machine is of the kind of this run; leave it out if not."""
        if self._kind in (None, member.kind):
            return True
        self.leave_out(
            member,
            f"its machine ({member.kind}) is not of the kind of most ({self._kind}), which --same-machine asks for",
        )
        return False


def _why_not(member: Member) -> str:
    """Return why a worker may not run jobs of this driver: both versions of what differs; empty if it may."""
    about = member.about
    if about.identity is None:
        there = f"recbench {about.recbench}" if about.recbench else "no recbench"
        return f"it has {there}, in Python {about.python} ({about.problem}); install what the driver has"
    found = "; ".join(differences(identity(), about.identity))
    return found and f"its code is not that of the driver: {found}; install the same versions there"

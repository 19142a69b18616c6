"""Which jobs go into an array, and what happens when Slurm does not take it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bench.running.places.slurm import sending
from bench.running.places.slurm.arrays import SlurmRefusesError
from bench.running.places.slurm.folder import RunFolder
from bench.running.places.slurm.queue import ControllerAwayError
from bench.running.places.slurm.request import Request
from bench.running.places.slurm.sending import Sender
from bench.running.places.slurm.ticket import Ticket
from bench.running.places.slurm.wishes import Wishes
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Sender]


@dataclass
class Sbatch:
    """What would be sent, in the place of Slurm; `error` is what it answers."""

    arrays: list[tuple[int, int, str]] = field(default_factory=list)
    error: Exception | None = None

    def send(self, name: str, folder: Path, n: int, at_once: int, parameters: dict[str, Any]) -> str:
        if self.error:
            raise self.error
        self.arrays.append((n, at_once, parameters.get("exclude", "")))
        return str(len(self.arrays))


@pytest.fixture
def sbatch(monkeypatch: pytest.MonkeyPatch) -> Sbatch:
    found = Sbatch()
    monkeypatch.setattr(sending, "send", found.send)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.made(tmp_path)


def sender(folder: RunFolder, most_elements: int = 1000, **wishes: Any) -> Sender:
    return Sender(folder, Request(Wishes(**wishes), 1, 30, None), most_elements)


def tickets(n: int) -> list[Ticket]:
    return [Ticket(None, f"parcel {number}".encode(), Future()) for number in range(n)]  # type: ignore[arg-type]


def send_all(sender: Sender, waiting: list[Ticket]) -> dict[tuple[str, int], Ticket]:
    """Send as long as something is sent; return what is."""
    sent: dict[tuple[str, int], Ticket] = {}
    while found := sender.send(waiting, sent):
        sent |= {ticket.element: ticket for ticket in found}
        waiting[:] = [ticket for ticket in waiting if ticket not in found]
    return sent


def test_many_jobs_are_few_arrays(folder: RunFolder, sbatch: Sbatch) -> None:
    sent = send_all(sender(folder), tickets(2500))
    assert [n for n, *_ in sbatch.arrays] == [1000, 1000, 500]
    assert len(sent) == 2500
    assert all(folder.parcel(*element) == ticket.parcel for element, ticket in list(sent.items())[::250])


def test_no_more_run_at_once_than_the_user_allows(folder: RunFolder, sbatch: Sbatch) -> None:
    one, waiting = sender(folder, 10, array_parallelism=4), tickets(13)
    sent = send_all(one, waiting)
    assert sbatch.arrays == [(10, 4, "")]
    # As long as four of them are left, no other may run.
    for element in [*sent][:7]:
        del sent[element]
    assert [ticket.element for ticket in one.send(waiting, sent)] == [
        (f"{folder.name}-2", 0),
        (f"{folder.name}-2", 1),
        (f"{folder.name}-2", 2),
    ]
    assert sbatch.arrays[1] == (3, 1, "")


def test_a_lost_job_avoids_the_nodes_on_which_it_was_lost(folder: RunFolder, sbatch: Sbatch) -> None:
    waiting = tickets(3)
    waiting[1].avoided = {"n2", "n1"}
    send_all(sender(folder, others={"exclude": "n9"}), waiting)
    assert sbatch.arrays == [(2, 2, "n9"), (1, 1, "n9,n1,n2")]


def test_where_there_are_no_other_nodes_it_runs_on_the_same(folder: RunFolder, sbatch: Sbatch) -> None:
    one, waiting = sender(folder), tickets(1)
    waiting[0].avoided = {"n1"}
    sbatch.error = SlurmRefusesError("Requested node configuration is not available")
    assert one.send(waiting, {}) == []
    sbatch.error = None
    assert one.send(waiting, {}) == waiting
    assert sbatch.arrays == [(1, 1, "")]


def test_a_user_who_may_submit_few_jobs_gets_smaller_arrays(folder: RunFolder, sbatch: Sbatch) -> None:
    one, waiting = sender(folder), tickets(8)
    sbatch.error = SlurmRefusesError("Job violates accounting/QOS policy (job submit limit)")
    assert one.send(waiting, {}) == one.send(waiting, {}) == []
    sbatch.error = None
    assert len(one.send(waiting, {})) == 2
    sbatch.error = SlurmRefusesError("Job violates accounting/QOS policy (job submit limit)")
    sent = {("another", 0): waiting[0]}
    assert one.send(waiting[2:], sent) == one.send(waiting[2:], sent) == []


def test_a_job_that_slurm_never_takes_is_an_error_in_its_words(folder: RunFolder, sbatch: Sbatch) -> None:
    sbatch.error = SlurmRefusesError("Invalid partition name specified")
    with pytest.raises(ProtocolError, match=r"^Slurm refuses the jobs: Invalid partition name specified$"):
        sender(folder).send(tickets(1), {})


def test_an_array_that_may_have_been_sent_finds_nothing_to_do(folder: RunFolder, sbatch: Sbatch) -> None:
    """Where sbatch cannot say whether it was: the next one has another name."""
    one, waiting = sender(folder), tickets(1)
    sbatch.error = ControllerAwayError("Socket timed out")
    with pytest.raises(ControllerAwayError):
        one.send(waiting, {})
    assert folder.arrays() == []
    sbatch.error = None
    one.send(waiting, {})
    assert folder.arrays() == [f"{folder.name}-2"]


def test_a_node_that_is_left_out_gets_no_more_jobs(
    folder: RunFolder, sbatch: Sbatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(sending.queue, "exclude", lambda job, nodes: asked.append((job, nodes)))
    one, waiting = sender(folder), tickets(2)
    waiting[0].avoided = {"n1"}
    sent = send_all(one, waiting)
    one.leave_out("n5", "n5 has other code", sent)
    assert sorted(asked) == [("1", "n1,n5"), ("2", "n5")]
    again = tickets(1)
    one.send(again, sent)
    assert sbatch.arrays[-1] == (1, 1, "n5")
    sbatch.error = SlurmRefusesError("Requested node configuration is not available")
    with pytest.raises(ProtocolError, match=r"^n5 has other code$"):
        one.send(again, sent)

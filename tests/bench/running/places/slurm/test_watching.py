"""What a run does while Slurm's controller does not answer, and with answers that cannot be used."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from waiting import wait_until

from bench.machine.environment import versions
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.folder_view import FolderView
from bench.running.places.place import PlaceLostError, RunOfJobs
from bench.running.places.slurm import watching
from bench.running.places.slurm.folder import RunFolder
from bench.running.places.slurm.queue import ControllerAwayError, Element
from bench.running.places.slurm.request import Request
from bench.running.places.slurm.ticket import Ticket
from bench.running.places.slurm.watching import Watch
from bench.running.places.slurm.wishes import Wishes
from bench.running.progress.listening import Silence
from bench.running.supervisor import Limits
from bench.running.travel.answer import Answer
from bench.running.travel.bundle import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]


class Told(Silence):
    """Keeps what the user is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def explained(self, reason: str) -> None:
        self.texts.append(reason)


class Line:
    """Takes each job at once, as an array of its own, in the place of a `Sender`."""

    def __init__(self) -> None:
        self.left_out: dict[str, str] = {}
        self.n_sent = 0

    def send(self, waiting: list[Ticket], sent: Mapping[tuple[str, int], Ticket]) -> list[Ticket]:
        found = waiting[:1]
        for ticket in found:
            self.n_sent += 1
            ticket.array, ticket.over = f"a-{self.n_sent}", 0
        return found

    def leave_out(self, node: str, reason: str, sent: object) -> None:
        self.left_out[node] = reason


class Scene:
    """A watch over one job, and what the queue shows of it."""

    def __init__(self, plan: Plan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in (("LOOK_SECONDS", 0.02), ("TICK_SECONDS", 0.01)):
            monkeypatch.setattr(watching, name, value)
        monkeypatch.setattr(watching.queue, "elements", self._elements)
        self.shown: Element | Exception | None = Element("7_0", "RUNNING", "node1", "None")
        self.folder, self.line = RunFolder.made(folder), Line()
        (job,) = plan(["popularity"])
        self.told = Told()
        run = RunOfJobs([job], Limits(9.0, None), self.told, FolderView.of(folder, folder), folder)
        request: Any = Request(Wishes(), 1, 30, None)
        sender: Any = self.line
        self.watch = Watch(run, self.folder, request, sender, {})
        self.ticket = Ticket(job, b"parcel")
        self.watch.submit(self.ticket)
        self.thread = threading.Thread(target=self.watch.keep_watching)
        self.thread.start()

    def _elements(self, names: set[str]) -> dict[tuple[str, int], Element]:
        if isinstance(self.shown, Exception):
            raise self.shown
        return {} if self.shown is None else {(name, 0): self.shown for name in names}

    def answer(self, answer: bytes) -> None:
        self.folder.answer(self.ticket.key, answer, 1, "node1")

    def end(self) -> None:
        self.watch.end()
        self.thread.join()


@pytest.fixture
def scene(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    scene = Scene(plan, tmp_path, monkeypatch)
    yield scene
    scene.end()


def test_a_controller_that_is_away_for_long_ends_the_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "AWAY_SECONDS", 0.1)
    wait_until(lambda: scene.line.n_sent)
    scene.shown = ControllerAwayError("connect failure")
    error = scene.ticket.returned.exception(20.0)
    assert scene.told.texts == ["Slurm's controller does not answer; the run waits 0.1 s for it, running jobs go on"]
    assert isinstance(error, PlaceLostError)
    assert str(error) == (
        "Slurm's controller has not answered for 0.1 s (connect failure); what is finished is kept: run the same "
        "command again once `scontrol ping` says UP"
    )


def test_a_controller_that_comes_back_costs_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "AWAY_SECONDS", 0.5)
    wait_until(lambda: scene.line.n_sent)
    for _ in range(4):
        scene.shown = ControllerAwayError("connect failure")
        time.sleep(0.2)
        scene.shown = Element("7_0", "RUNNING", "node1", "None")
        time.sleep(0.1)
    assert len(scene.told.texts) == 1
    assert not scene.ticket.returned.done()
    assert scene.line.n_sent == 1


@pytest.mark.parametrize(
    ("state", "kind", "message"),
    [
        ("TIMEOUT", "timeout", "Slurm stopped it at its time limit (30 minutes); ask for more with slurm:time="),
        (
            "OUT_OF_MEMORY",
            "memory",
            "Slurm stopped it at its memory limit (that of the cluster); ask for more with slurm:mem=",
        ),
    ],
)
def test_a_job_that_slurm_stopped_at_a_limit_is_a_row(scene: Scene, state: str, kind: str, message: str) -> None:
    scene.shown = Element("7_0", state, "node1", "None")
    failure = scene.ticket.returned.result(20.0).record.failure
    assert failure is not None
    assert (failure.kind, failure.message) == (kind, message)
    assert scene.line.n_sent == 1


def test_a_job_that_is_lost_three_times_is_a_row(scene: Scene) -> None:
    scene.shown = Element("7_0", "NODE_FAIL", "node1", "None")
    (scene.folder.part("logs") / "7_0_0_log.err").write_text("first\nlast words\n")
    failure = scene.ticket.returned.result(20.0).record.failure
    assert failure is not None
    assert failure.message == (
        "its Slurm job on node1 was lost (its node failed; it printed last: last words), the third time; it is not "
        "tried again"
    )
    assert scene.line.n_sent == 3
    assert [text.split(":")[0] for text in scene.told.texts] == ["popularity is tried again"] * 2
    # Should a lost one still run, it ends.
    assert sorted(path.name for path in scene.folder.part("withdrawn").iterdir()) == ["a-1.0", "a-2.0", "a-3.0"]
    assert scene.ticket.avoided == {"node1"}


def test_a_job_that_wrote_no_log_asks_for_a_shared_folder(scene: Scene) -> None:
    scene.shown = Element("7_0", "FAILED", "node1", "NonZeroExitCode")
    failure = scene.ticket.returned.result(20.0).record.failure
    assert failure is not None
    folder = scene.folder.path.parent
    assert f"(its worker died; it wrote no log: do the nodes share the folder {folder}?), the third" in failure.message


def test_an_answer_that_came_before_the_end_is_not_lost(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_until(lambda: scene.line.n_sent)
    scene.end()
    there = {**scene.ticket.job.document, "environment": {"cpu": "ANOTHER_CPU", "versions": versions()}}
    record = failed_record(there, Failure("raised", "its own"))
    scene.answer(Answer(kind="done", bundle=bundle(record)).encoded())
    scene.watch.fail(KeyboardInterrupt())
    failure = scene.ticket.returned.result(0).record.failure
    assert failure is not None
    assert failure.message == "its own"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"half an answ", "wrote cannot be used"),
        (Answer(kind="done", bundle=b"no bundle").encoded(), "wrote cannot be used"),
        (Answer(kind="unfit", reason="its disk is full").encoded(), "could not run it (its disk is full)"),
        (Answer(kind="stopped", reason="x").encoded(), "could not run it (x)"),
    ],
)
def test_an_answer_that_brings_no_record_costs_a_try(scene: Scene, answer: bytes, words: str) -> None:
    scene.answer(answer)
    wait_until(lambda: scene.line.n_sent == 2)
    assert scene.folder.answers() == {}
    for n_sent in (3, 3):
        scene.answer(answer)
        wait_until(lambda n=n_sent: scene.line.n_sent == n)
    failure = scene.ticket.returned.result(20.0).record.failure
    assert failure is not None
    assert words in failure.message
    assert failure.kind == "lost"


def test_a_node_that_refuses_is_left_out_and_costs_no_try(scene: Scene) -> None:
    wait_until(lambda: scene.line.n_sent)
    for n_sent in range(2, 7):
        scene.answer(Answer(kind="refused", reason="its code is another one").encoded())
        wait_until(lambda n=n_sent: scene.line.n_sent == n)
    assert not scene.ticket.returned.done()
    assert scene.line.left_out == {"node1": "its code is another one"}
    assert scene.told.texts == ["node1 gets no jobs: its code is another one"]

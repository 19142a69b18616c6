"""Watch a run on Slurm, in one thread: send jobs, take their answers, and try those elsewhere that are lost."""

from __future__ import annotations

import contextlib
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.places.place import PlaceLostError, Returned
from bench.running.places.slurm import queue
from bench.running.places.slurm.states import NEVER, end_of
from bench.running.places.slurm.ticket import Ticket
from bench.running.places.tries import Tries
from bench.running.travel.acceptance import accepted
from bench.running.travel.answer import read_answer
from bench.running.travel.bundle import BundleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.running.places.place import RunOfJobs
    from bench.running.places.slurm.folder import AnswerFile, RunFolder
    from bench.running.places.slurm.queue import Element
    from bench.running.places.slurm.request import Request
    from bench.running.places.slurm.sending import Sender
    from bench.running.travel.answer import Answer

TICK_SECONDS = 0.04
"""How often answers are looked for, and how long a job waits for others that go into the same array."""

ANEW_SECONDS = 1.0
"""How often a network file system is asked for answers that it may not have listed."""

LOOK_SECONDS = 5.0
"""How often the queue is looked at; less often where that takes long. Answers come as files, from there only losses."""

AWAY_SECONDS = 600.0
"""For how long a run waits for a controller that does not answer; running jobs go on meanwhile."""

LOOKS_UNTIL_LOST = 2
"""How many looks show that an element is over until it is lost: its answer may be on its way through the disk."""

STOP_SECONDS = 60.0
"""How long a run that is stopped waits for its jobs to end."""


class Watch:
    """The jobs of a run on Slurm.

    Parameters
    ----------
    left
        Answers that a run left which is gone, by the keys of their jobs.
    """

    def __init__(
        self, run: RunOfJobs, folder: RunFolder, request: Request, sender: Sender, left: Mapping[str, AnswerFile]
    ) -> None:
        self._run, self._folder, self._request, self._sender, self._left = run, folder, request, sender, left
        self._submitted = SimpleQueue[Ticket]()
        self._waiting: list[Ticket] = []
        self._sent: dict[tuple[str, int], Ticket] = {}
        self._tries = Tries()
        self._next_look = self._next_anew = 0.0
        self._away_since: float | None = None
        self._told: set[str] = set()
        self._is_over = False

    def submit(self, ticket: Ticket) -> None:
        """Let a job run."""
        self._submitted.put(ticket)

    def end(self) -> None:
        """Let `keep_watching` return."""
        self._is_over = True

    def keep_watching(self) -> None:
        """Watch until `end` is called; an error ends the run."""
        try:
            while not self._is_over:
                self._take_submitted()
                self._collect()
                self._ask_slurm()
        except BaseException as error:  # noqa: BLE001 - the runner raises it
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Let all jobs raise an error that have given nothing back, and left no answer either."""
        self._is_over = True
        with contextlib.suppress(OSError):
            self._collect()
        with contextlib.suppress(Empty):
            while True:
                self._waiting.append(self._submitted.get_nowait())
        for ticket in [*self._waiting, *self._sent.values()]:
            if not ticket.returned.done():
                ticket.returned.set_exception(error)

    def cancel(self) -> None:
        """Cancel all elements, and wait until they are over, or for `STOP_SECONDS`."""
        end = time.monotonic() + STOP_SECONDS
        names = {name for name, _ in self._sent}
        while names and time.monotonic() < end:
            with contextlib.suppress(queue.ControllerAwayError):
                live = [one.job for one in queue.elements(names).values() if not one.is_over]
                if not live:
                    return
                queue.cancel(live)
            time.sleep(TICK_SECONDS)

    def _take_submitted(self) -> None:
        """Wait a moment for jobs; many that come one after the other go into one array."""
        end = time.monotonic() + LOOK_SECONDS
        with contextlib.suppress(Empty):
            while time.monotonic() < end:
                ticket = self._submitted.get(timeout=TICK_SECONDS)
                left = self._left_by_earlier_run(ticket)
                if left is None:
                    self._waiting.append(ticket)
                else:
                    ticket.returned.set_result(left)

    def _left_by_earlier_run(self, ticket: Ticket) -> Returned | None:
        """Return what a run that is gone left for a job; None where that is nothing, or nothing that can be used."""
        file = self._left.get(ticket.key)
        if file is None:
            return None
        try:
            answer = read_answer(file.path.read_bytes())
            returned = self._accepted(answer, ticket, file) if answer.kind == "done" else None
        except (BundleError, OSError):
            return None
        return None if returned is None or returned.record.failed else returned

    def _send(self) -> None:
        if self._waiting:
            sent = self._sender.send(self._waiting, self._sent)
            self._sent |= {ticket.element: ticket for ticket in sent}
            self._waiting = [ticket for ticket in self._waiting if ticket.element not in self._sent]

    def _collect(self) -> None:
        """Take the answers that have come."""
        if not self._sent:
            return
        if time.monotonic() >= self._next_anew:
            self._folder.look_anew()
            self._next_anew = time.monotonic() + ANEW_SECONDS
        answers = self._folder.answers()
        for ticket in [*self._sent.values()]:
            file = answers.get(ticket.key)
            if file is not None:
                self._take(ticket, file)

    def _take(self, ticket: Ticket, file: AnswerFile) -> None:
        try:
            returned = self._returned(ticket, file)
        except BundleError as error:
            returned = self._again(ticket, f"what its worker on {file.node} wrote cannot be used: {error}")
        if returned is None:
            file.path.unlink(missing_ok=True)
        else:
            self._sent.pop(ticket.element, None)
            ticket.returned.set_result(returned)

    def _returned(self, ticket: Ticket, file: AnswerFile) -> Returned | None:
        """Return what an answer brings; None where the job is sent again.

        Raises
        ------
        BundleError
            If the answer is damaged, or of another job.
        """
        answer = read_answer(file.path.read_bytes())
        if answer.kind == "done":
            return self._accepted(answer, ticket, file)
        if answer.kind == "refused":
            self._sender.leave_out(file.node, answer.reason, self._sent)
            self._tell(f"{file.node} gets no jobs: {answer.reason}")
            self._back_to_waiting(ticket)
            return None
        ticket.avoided.add(file.node)
        return self._again(ticket, f"its worker on {file.node} could not run it ({answer.reason})")

    def _accepted(self, answer: Answer, ticket: Ticket, file: AnswerFile) -> Returned:
        record, model = accepted(answer.bundle, ticket.job, self._run.models)
        return Returned(record.with_neighbours(file.n_at_once), model)

    def _look(self) -> None:
        """Look at the queue for elements that are over and gave no answer, or wait in vain."""
        found = queue.elements({name for name, _ in self._sent})
        for ticket in [*self._sent.values()]:
            element = found.get(ticket.element)
            if element is not None and not element.is_over:
                ticket.node, ticket.over = element.node or ticket.node, 0
                self._tell_of_waiting(element)
                continue
            ticket.over += 1
            if ticket.over >= LOOKS_UNTIL_LOST:
                returned = self._lost(ticket, element)
                if returned is not None:
                    ticket.returned.set_result(returned)

    def _lost(self, ticket: Ticket, element: Element | None) -> Returned | None:
        """Return the failure of a job whose element is over; None where it is tried again."""
        node = (element.node if element else "") or ticket.node
        end = end_of(element.state if element else None)
        if end.kind is not None:
            self._sent.pop(ticket.element)
            message = f"{end.words} ({self._request.limit_text(end.kind)}); {end.advice}"
            return Returned(failed_record(ticket.job.document, Failure(end.kind, message)))
        if node:
            ticket.avoided.add(node)
        said = "" if element is None else self._last_words(element)
        return self._again(ticket, f"its Slurm job{f' on {node}' if node else ''} was lost ({end.words}{said})")

    def _last_words(self, element: Element) -> str:
        """Return what an element printed last, or why it may have printed nothing, as a message continues."""
        printed = self._folder.log(element.job)
        if printed is None and element.node:
            return f"; it wrote no log: do the nodes share the folder {self._folder.path.parent}?"
        lines = (printed or "").strip().splitlines()
        return f"; it printed last: {lines[-1][:200]}" if lines else ""

    def _again(self, ticket: Ticket, reason: str) -> Returned | None:
        record = self._tries.lost(ticket.job, reason)
        self._back_to_waiting(ticket)
        if record is None:
            self._run.progress.explained(f"{ticket.job.title} is tried again: {reason}")
            return None
        self._waiting.remove(ticket)
        return Returned(record)

    def _back_to_waiting(self, ticket: Ticket) -> None:
        """Send a job again, and end the element that it was, should it still run."""
        if self._sent.pop(ticket.element, None) is not None:
            self._folder.withdrawal(*ticket.element).touch()
        ticket.array = ""
        self._waiting.append(ticket)

    def _ask_slurm(self) -> None:
        """Send what waits and, now and then, look at the queue; a controller that is away is waited for.

        Raises
        ------
        PlaceLostError
            If it is away for too long.
        """
        now = time.monotonic()
        is_due = now >= self._next_look
        if not is_due and (self._away_since is not None or not self._waiting):
            return
        try:
            self._send()
            if is_due:
                self._look()
        except queue.ControllerAwayError as error:
            self._away_since = self._away_since or now
            if now - self._away_since > AWAY_SECONDS:
                raise PlaceLostError(
                    f"Slurm's controller has not answered for {AWAY_SECONDS:g} s ({error}); what is finished is kept: "
                    "run the same command again once `scontrol ping` says UP"
                ) from error
            self._tell(
                f"Slurm's controller does not answer; the run waits {AWAY_SECONDS:g} s for it, running jobs go on"
            )
        else:
            self._away_since = None
        finally:
            if is_due:
                took = time.monotonic() - now
                self._next_look = time.monotonic() + max(LOOK_SECONDS, 10 * took)

    def _tell_of_waiting(self, element: Element) -> None:
        if element.state == "PENDING" and element.reason in NEVER:
            self._tell(
                f"Slurm holds jobs back ({element.reason}), perhaps until a person changes something; `squeue --me` "
                "shows them, Ctrl-C cancels them"
            )

    def _tell(self, message: str) -> None:
        """Tell the user something once."""
        if message not in self._told:
            self._told.add(message)
            self._run.progress.explained(message)

"""Signals at random moments, to the harness or to one of its jobs; then the same command again."""

from __future__ import annotations

import contextlib
import signal
import time
from functools import partial

import psutil
from cases import Case, Kind, require
from checks import announced, no_traceback, python_was_starting
from sandbox import Finished, Running, Sandbox, descendants
from victims import VICTIMS, Victim, prepare

ENDING_SECONDS = 5.0
"""The seconds that a command may take to end after it was asked to."""


def ask_to_end(number: signal.Signals, case: Case) -> str:
    """Send the harness a signal; one that it cannot catch, or one that asks it to end."""
    victim, place = _begin(case)
    moment = case.draw().uniform(0, 1.05 * victim.seconds)
    running = place.start(victim.arguments, program=victim.program, environment=victim.environment(place))
    time.sleep(moment)
    running.process.send_signal(number)
    finished = running.wait(ENDING_SECONDS)
    if number == signal.SIGINT and python_was_starting(finished):
        return "Python had not begun to run it"
    no_traceback(finished)
    allowed = {0, -number} if number == signal.SIGKILL else {0, 130, -number}
    require(
        finished.code in allowed,
        f"{number.name} after {moment:.2f} s gave exit code {finished.code}: {finished.said()}",
    )
    _check_goes_on(victim, place, finished)
    return "ended before the signal" if finished.code == 0 else "stopped, and went on"


def kill_a_job(case: Case) -> str:
    """Kill one of the processes of a job: its row fails, the other rows are right."""
    victim, place = _begin(case)
    draw = case.draw()
    running = place.start(victim.arguments, program=victim.program, environment=victim.environment(place))
    killed = _kill_below(running, time.monotonic() + draw.uniform(0, victim.seconds), draw.random())
    finished = running.wait(3 * victim.seconds + ENDING_SECONDS + 20)
    no_traceback(finished)
    require(finished.code in (0, 1), f"a killed job gave exit code {finished.code}: {finished.said()}")
    victim.check_what_is_shown(finished)
    _check_goes_on(victim, place, finished)
    if not killed:
        return "no job was there to kill"
    return "a row failed, and was made again" if finished.code else "all rows were right"


def _begin(case: Case) -> tuple[Victim, Sandbox]:
    victim: Victim = case.prepared
    place = Sandbox(case.folder)
    victim.lay_out(place)
    return victim, place


def _kill_below(running: Running, moment: float, share: float) -> bool:
    """Kill, from a moment on, one process below the harness; return whether there was one."""
    while running.process.poll() is None:
        jobs = [process for process in descendants() if process.pid != running.process.pid]
        if jobs and time.monotonic() >= moment:
            with contextlib.suppress(psutil.NoSuchProcess):
                jobs[int(share * len(jobs))].send_signal(signal.SIGKILL)
                return True
        time.sleep(0.01)
    return False


def _check_goes_on(victim: Victim, place: Sandbox, killed: Finished) -> None:
    """Check that nothing is left, that what was finished is kept, and that the same command comes to the same end."""
    place.check_nothing_left(folders=False)
    victim.check_between(place)
    again = victim.run(place)
    no_traceback(again)
    require(again.code == 0, f"run again, it ended with {again.code}: {again.said()}")
    twice = announced(killed.err) & announced(again.err)
    require(not twice, f"finished and lost: {', '.join(sorted(twice))}")
    victim.check_end(place, again)
    place.check_nothing_left()


KEPT = (
    "It ends within 5 s. No process and no folder is left behind. The same command, run again, keeps what was finished "
    "and comes to the accuracy of a run without a fault; `verify` passes."
)

SIGNALS = {
    "kill": (signal.SIGKILL, 40),
    "sigterm": (signal.SIGTERM, 20),
    "sigint": (signal.SIGINT, 20),
    "sighup": (signal.SIGHUP, 20),
}
"""What is sent to each victim, and how often."""

SHORT = ("table", "export")
"""The victims that keep nothing, to which each is sent a quarter as often."""

WITH_JOBS = {"run": 70, "tune": 30}
"""The victims whose jobs are killed, and how often."""

_PREPARE = {name: partial(prepare, name) for name in VICTIMS}

KINDS = (
    *(
        Kind(
            f"{word}-{name}", count // 4 if name in SHORT else count, KEPT, partial(ask_to_end, number), _PREPARE[name]
        )
        for word, (number, count) in SIGNALS.items()
        for name in VICTIMS
    ),
    *(
        Kind(
            f"killed-job-of-{name}",
            count,
            "The row of that job fails, the others are right; run again, all are.",
            kill_a_job,
            _PREPARE[name],
        )
        for name, count in WITH_JOBS.items()
    ),
)

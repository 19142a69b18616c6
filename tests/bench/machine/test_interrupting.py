"""The first signal ends a run in good order; what follows at once does not interrupt the clean-up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bench.machine.interrupting import interrupt_once, one_interrupt

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _python_handlers() -> Iterator[None]:
    """Begin with Python's own handlers, and restore those of the tests."""
    before = {number: signal.getsignal(number) for number in NAMES}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("first", NAMES)
def test_the_first_signal_interrupts_and_others_that_follow_do_not(first: signal.Signals) -> None:
    with one_interrupt(also_others=True):
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(first)
        for number in NAMES * 3:
            signal.raise_signal(number)
    assert [signal.getsignal(number) for number in NAMES] == [
        signal.default_int_handler, signal.SIG_DFL, signal.SIG_DFL,
    ]  # fmt: skip


def test_a_block_within_another_changes_nothing() -> None:
    with one_interrupt(also_others=True):
        outer = signal.getsignal(signal.SIGINT)
        with one_interrupt():
            assert signal.getsignal(signal.SIGINT) is outer
        assert signal.getsignal(signal.SIGINT) is outer


def test_signals_that_are_ignored_or_handled_otherwise_stay_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    handled: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: handled.append(number))
    with one_interrupt(also_others=True):
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGINT)
    assert handled == [signal.SIGINT]


def test_other_threads_leave_the_signals_alone() -> None:
    replaced: list[object] = []
    thread = threading.Thread(target=lambda: replaced.append(interrupt_once(also_others=True)))
    thread.start()
    thread.join()
    assert replaced == [{}]


STUBBORN = """
import signal, sys, time
from bench.machine import interrupting
interrupting.DELIBERATE_SECONDS = float(sys.argv[1])
interrupting.interrupt_once(also_others=True)
if "jobs" in sys.argv:
    interrupting.say_that_jobs_are_kept()
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("cleaning up", flush=True)
    time.sleep(0.2 if interrupting.DELIBERATE_SECONDS else 60)
    print("clean", flush=True)
"""


@pytest.mark.parametrize(
    ("arguments", "rest", "said"),
    [
        (["30", "jobs"], "clean\n", ""),
        (["0"], "", "recbench: killed\n"),
        (["0", "jobs"], "", "recbench: killed; finished jobs are kept\n"),
    ],
)
def test_a_second_signal_kills_only_after_some_seconds(arguments: list[str], rest: str, said: str) -> None:
    command = [sys.executable, "-c", STUBBORN, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "cleaning up\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == rest
        assert process.stderr.read() == said
    assert process.returncode == (130 if said else 0)

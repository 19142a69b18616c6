"""The processor time of a process and of what it starts."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from bench.machine.processor_time import processor_seconds, seconds_below, usable_cores

BUSY = "import time; [None for _ in iter(lambda: time.process_time() < 0.3, False)]; "


def work(seconds: float) -> None:
    started = time.thread_time()
    while time.thread_time() < started + seconds:
        pass


def test_all_threads_count() -> None:
    before = processor_seconds()
    threads = [threading.Thread(target=work, args=(0.1,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.2 <= processor_seconds() - before < 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process counts when it has ended")
def test_a_process_counts_while_it_runs_and_once_when_it_has_ended() -> None:
    before = processor_seconds()
    command = [sys.executable, "-S", "-c", BUSY + "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        running = processor_seconds() - before
        process.communicate(b"\n")
    ended = processor_seconds() - before
    assert 0.28 <= running <= ended + 0.02 < 0.7


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere jobs have no keepers")
def test_what_is_below_a_process_counts_with_it() -> None:
    started = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {BUSY!r} + 'print(flush=True); input()'])"
    )
    with subprocess.Popen(
        [sys.executable, "-S", "-c", started], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 0.28 <= seconds_below(process.pid) < 1.5
        process.communicate(b"\n")
    assert seconds_below(process.pid) == 0.0, "it is gone"


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say")
def test_a_process_may_use_a_core_or_more() -> None:
    assert (usable_cores() or 0) >= 1

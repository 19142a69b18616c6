"""Threads and processes that work on after a call has returned, and those that only wait."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bench.machine import background
from bench.machine.background import Background

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not background.KEEPS, reason="Linux alone tells")


@pytest.fixture
def ended() -> Iterator[threading.Event]:
    """Return an event that is set when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_nothing_that_was_there_before_counts(ended: threading.Event) -> None:
    threading.Thread(target=busy_until, args=(ended,)).start()
    assert Background().works() is False


def busy_until(ended: threading.Event) -> None:
    while not ended.is_set():
        sum(range(1_000))


def test_a_thread_that_works_is_seen_and_one_that_waits_is_not(ended: threading.Event) -> None:
    started = Background()
    threading.Thread(target=ended.wait).start()
    assert started.works() is False
    threading.Thread(target=busy_until, args=(ended,)).start()
    assert started.works() is True


@pytest.mark.parametrize(("does", "works"), [("while True: pass", True), ("input()", False)])
def test_a_process_that_works_is_seen_and_one_that_waits_is_not(does: str, works: bool) -> None:
    started = Background()
    command = [sys.executable, "-c", f"print(flush=True)\n{does}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = started.works()
        process.kill()
    assert found is works


def test_elsewhere_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "KEEPS", False)
    assert Background().works() is None

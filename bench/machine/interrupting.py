"""Signals that ask a run to end: the first one ends it in good order, a second one some seconds later kills it.

A key that is pressed several times, or a signal that a shell and a supervisor both send, would otherwise interrupt
the clean-up that the first one began.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

DELIBERATE_SECONDS = 2.0
"""The seconds after which a second signal is deliberate, and kills."""

EXIT_INTERRUPTED = 130
"""The exit code of a command that was stopped with Ctrl-C or by a signal."""

_SHOWN_CURSOR = b"\x1b[?25h"
"""Shows the cursor again that a live view has hidden."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class _Ending:
    """The handler of all signals that ask this process to end."""

    def __init__(self) -> None:
        self.keeps_jobs = False
        self._first: float | None = None

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            raise KeyboardInterrupt
        if now - self._first >= DELIBERATE_SECONDS:
            kept = b"; finished jobs are kept" if self.keeps_jobs else b""
            os.write(2, (_SHOWN_CURSOR if os.isatty(2) else b"") + b"recbench: killed" + kept + b"\n")
            # Jobs end when their runner is gone; the next run removes the scratch folder.
            os._exit(EXIT_INTERRUPTED)


def say_that_jobs_are_kept() -> None:
    """Let the handlers say, when they kill this process, that finished jobs are kept."""
    for name in _NAMES:
        handler = signal.getsignal(getattr(signal, name))
        if isinstance(handler, _Ending):
            handler.keeps_jobs = True


@contextlib.contextmanager
def one_interrupt(*, also_others: bool = False) -> Iterator[None]:
    """Handle signals until the block ends as `interrupt_once` does."""
    before = interrupt_once(also_others=also_others)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt_once(*, also_others: bool = False) -> dict[signal.Signals, Any]:
    """Let the first signal to end raise `KeyboardInterrupt`; ignore others for some seconds, after which one kills.

    A signal that is ignored, as below `nohup`, or has a handler of another kind stays as it is. So all signals do where
    this function was called before, and outside of the main thread.

    Parameters
    ----------
    also_others
        Whether SIGTERM and SIGHUP, which would end this process at once, are treated like Ctrl-C.

    Returns
    -------
    dict
        The handlers that were replaced, by signal.
    """
    replaced = (signal.default_int_handler, *([signal.SIG_DFL] if also_others else []))
    is_main = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in _NAMES if is_main and hasattr(signal, name)]
    before = {number: handler for number in numbers if (handler := signal.getsignal(number)) in replaced}
    ending = _Ending()
    for number in before:
        signal.signal(number, ending)
    return before

"""Run a function in a child process that stops before and after each of its system calls (Linux, by ptrace)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRACE_ME, RUN_TO_CALL = 0, 24
"""Requests of ptrace(2): PTRACE_TRACEME and PTRACE_SYSCALL."""


def stops(function: Callable[[], None]) -> Iterator[None]:
    """Yield at each stop of a child that calls a function; what a kill would leave is then on the disk."""
    if sys.platform != "linux":
        pytest.skip("ptrace as it is used here is of Linux")
    child = os.fork()
    if child == 0:
        try:
            _ptrace(TRACE_ME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            function()
            os._exit(0)
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    try:
        while not os.WIFEXITED(status):
            yield
            _ptrace(RUN_TO_CALL, child)
            _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) == 0, "the function raised"
    finally:
        if not os.WIFEXITED(status):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _ptrace(request: int, process: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(request, process, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")

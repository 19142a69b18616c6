"""A job's command in processes that can be watched, and ended together."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from typing import TYPE_CHECKING

from bench.machine.cores import hold_cores
from bench.machine.job_mark import MARK
from bench.machine.processes import end_all, exit_code
from protocol.processes.keeper import ENDING_SECONDS, KEEPS
from protocol.processes.lifeline import Lifeline

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping, Sequence


class KeptProcess:
    """A command that runs under a keeper where there are keepers (see `protocol.processes.keeper`), held to some cores.

    Parameters
    ----------
    command
        The program, with its path, and its arguments.
    environment
        The environment of the command; its processes have a mark of their own besides.
    stdin
        The descriptor that the command gets as its standard input.
    n_threads
        For how many threads it gets cores (see `bench.machine.cores.hold_cores`).
    last_words
        The signal on which the command says where it is, and ends.

    Attributes
    ----------
    process
        The keeper or, where there are no keepers, the command.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdin: int,
        n_threads: int,
        last_words: signal.Signals,
    ) -> None:
        self._mark, self._last_words = secrets.token_hex(16), last_words
        self._cores = hold_cores(n_threads)
        try:
            self._lifeline = Lifeline(
                command,
                forwarded=last_words,
                cores=self._cores.numbers,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**environment, MARK: self._mark},
            )
        except BaseException:
            self._cores.give_back()
            raise
        self.process = self._lifeline.process

    @property
    def pid(self) -> int:
        """The number of the first process, by which `bench.machine.processes.processes_of` finds the others."""
        return self.process.pid

    def exit_code(self, seconds: float) -> int | None:
        """Return the command's exit code (see `bench.machine.processes.exit_code`)."""
        return exit_code(self.process, seconds)

    def ask_for_last_words(self, seconds: float) -> None:
        """Ask the command to say where it is; wait until it ends or some seconds pass."""
        # Not by `process`, which would wait for it if it has ended; other code here may have waited for it.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, self._last_words)
        self.exit_code(seconds)

    def end(self) -> None:
        """Kill all processes of the command; those that have ended are not waited for."""
        end_kept(self._lifeline, self._mark)
        self._cores.give_back()


def end_kept(lifeline: Lifeline, mark: str) -> None:
    """Kill a command and all that it started; those that have ended are not waited for.

    Parameters
    ----------
    mark
        That of its processes (see `bench.machine.job_mark`).
    """
    lifeline.let_go()
    if KEEPS:
        exit_code(lifeline.process, ENDING_SECONDS + 0.5)
    end_all(lifeline.process.pid, mark)

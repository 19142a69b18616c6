"""A job's command in processes that can be watched, and ended together."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine.cores import hold_cores
from bench.machine.job_mark import MARK
from bench.machine.keeper import ENDING_SECONDS, KEEPS
from bench.machine.processes import end_all, exit_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEEPER = "import sys; sys.path.append(sys.argv.pop(1)); from bench.machine.keeper import main; main()"
_HOME = Path(__file__).resolve().parents[2]


class KeptProcess:
    """A command that runs under a keeper where there are keepers (see `bench.machine.keeper`), held to some cores.

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
        # Only this process holds the end for writing: the keeper sees that it closes, however this process ends.
        lifeline, held = os.pipe()
        self._lifeline: int | None = held
        kept = [*self._keeper(lifeline), *command] if KEEPS else command
        try:
            self.process = subprocess.Popen(
                kept,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**environment, MARK: self._mark},
                pass_fds=(lifeline,) if KEEPS else (),
                start_new_session=True,
            )
        except BaseException:
            self._let_go()
            raise
        finally:
            os.close(lifeline)

    def _keeper(self, lifeline: int) -> list[str]:
        # Without the site's packages, which it does not need, the keeper starts in half the time.
        python = [sys.executable, "-I", "-S", "-c", _KEEPER, str(_HOME)]
        return [*python, str(lifeline), str(int(self._last_words)), ",".join(map(str, self._cores.numbers))]

    @property
    def pid(self) -> int:
        """The number of the first process, by which `bench.machine.processes.processes_of` finds the others."""
        return self.process.pid

    def exit_code(self, seconds: float) -> int | None:
        """Return the command's exit code (see `bench.machine.processes.exit_code`)."""
        return exit_code(self.process, seconds)

    def ask_for_last_words(self, seconds: float) -> None:
        """Ask the command to say where it is; wait until it ends or some seconds pass."""
        os.kill(self.pid, self._last_words)  # Not by `process`, which would wait for it if it has ended.
        self.exit_code(seconds)

    def end(self) -> None:
        """Kill all processes of the command; those that have ended are not waited for."""
        self._let_go()
        if KEEPS:
            # A job may have stopped its keeper.
            os.kill(self.pid, signal.SIGCONT)
            self.exit_code(ENDING_SECONDS + 0.5)
        end_all(self.pid, self._mark)

    def _let_go(self) -> None:
        """Tell the keeper to end, and let other jobs have the cores."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        self._cores.give_back()

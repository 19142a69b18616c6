"""The lifeline of a command: it ends, with all that it started, when this process lets go of it, or ends itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.processes.keeper import KEEPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KEEPER = "import sys; sys.path.append(sys.argv.pop(1)); from protocol.processes.keeper import main; main()"
_HOME = Path(__file__).resolve().parents[2]


class Lifeline:
    """A command under a keeper where there are keepers (see `protocol.processes.keeper`).

    Only this process holds one end of a pipe: the keeper sees that it closes, however this process ends. Where there
    are no keepers, the command may outlive this process.

    Parameters
    ----------
    command
        The program, with its path, and its arguments.
    forwarded
        The signal that the keeper passes on to the command.
    cores
        The logical cores that the command is held to; none for all.
    passed
        Open files that the command inherits.
    options
        Further arguments of `subprocess.Popen`: the streams and the environment.

    Attributes
    ----------
    process
        The keeper or, where there are no keepers, the command; first of a session of its own.

    Raises
    ------
    OSError
        If the process cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        forwarded: signal.Signals,
        cores: Iterable[int] = (),
        passed: Sequence[int] = (),
        **options: Any,
    ) -> None:
        theirs, ours = os.pipe()
        self._held: int | None = ours
        # Without the site's packages, which it does not need, the keeper starts in half the time.
        keeper = [sys.executable, "-I", "-S", "-c", _KEEPER, str(_HOME)]
        told = [str(theirs), str(int(forwarded)), ",".join(map(str, cores))]
        try:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [*keeper, *told, *command] if KEEPS else command,
                pass_fds=(*passed, theirs) if KEEPS else passed,
                start_new_session=True,
                **options,
            )
        except BaseException:
            self._close()
            raise
        finally:
            os.close(theirs)

    def let_go(self) -> None:
        """Let the keeper kill the command and all that it started, and end; it is not waited for."""
        self._close()
        # A command may have stopped its keeper.
        if KEEPS and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)

    def _close(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

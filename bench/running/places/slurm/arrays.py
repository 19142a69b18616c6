"""Job arrays, sent through submitit. What they run is a command, so that neither side writes or reads a pickle."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from submitit import SlurmExecutor
from submitit.core.utils import FailedJobError

from bench.running.places.slurm import queue
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from pathlib import Path

ELEMENT = "from bench.running.places.slurm.element import main; main()"


class SlurmRefusesError(ProtocolError):
    """Slurm does not take a job array as it is."""


class _Executor(SlurmExecutor):
    """Submitit's executor, which says why sbatch fails in its error alone, and not on the user's screen, too."""

    def _make_submission_command(self, submission_file_path: Path) -> list[str]:
        return ["sh", "-c", 'exec sbatch "$0" 2>&1', str(submission_file_path)]


def send(name: str, folder: Path, n: int, at_once: int, parameters: dict[str, Any]) -> str:
    """Send a job array whose elements run `bench.running.places.slurm.element`; return Slurm's number of it.

    Parameters
    ----------
    name
        Of the array; its elements get it as an argument.
    folder
        Of the run; what Slurm and the elements print is in ``logs`` there.
    n
        The number of elements.
    at_once
        The most elements that run at once.

    Raises
    ------
    SlurmRefusesError
        If Slurm does not take it; in Slurm's words.
    bench.running.places.slurm.queue.ControllerAwayError
        If there is no controller that could take it.
    """
    command = shlex.join([sys.executable, "-P", "-c", ELEMENT, str(folder), name])
    executor = _Executor(folder / "logs", python=shlex.quote(sys.executable))
    executor.update_parameters(job_name=name, array_parallelism=at_once, **parameters)
    executor.parameters["map_count"] = n
    try:
        # What is public sends a pickle.
        return executor._submit_command(f"exec {command}").job_id
    except FailedJobError as error:
        words = _words_of_sbatch(getattr(error.__cause__, "output", None) or str(error))
        if not queue.answers():
            raise queue.ControllerAwayError(words) from error
        raise SlurmRefusesError(words) from error


def _words_of_sbatch(text: str) -> str:
    """Return what sbatch printed, in one line."""
    lines = [line.removeprefix("sbatch: ").removeprefix("error: ") for line in text.splitlines()]
    return "; ".join(dict.fromkeys(lines))

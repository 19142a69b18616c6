"""Slurm's queue: what became of jobs, and how they are cancelled. Accounting (``sacct``) is not needed."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.running.places.slurm.states import WAITS_OR_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMMAND_SECONDS = 60.0
"""The most that a command of Slurm's may take; one that finds no controller gives up by itself, usually in 10 s."""

_COLUMNS = ("Name", "ArrayTaskID", "JobArrayID", "State", "NodeList", "Reason")
_SEPARATOR = "\x1f"


class ControllerAwayError(Exception):
    """Slurm's controller does not answer."""


@dataclass(frozen=True)
class Element:
    """One element of a job array, as the queue shows it.

    Parameters
    ----------
    job
        Slurm's number of it, as in ``12_3``.
    state, reason
        See `bench.running.places.slurm.states`.
    node
        Empty while it waits.
    """

    job: str
    state: str
    node: str
    reason: str

    @property
    def is_over(self) -> bool:
        """Whether it neither waits nor runs."""
        return self.state not in WAITS_OR_RUNS


def elements(names: Iterable[str]) -> dict[tuple[str, int], Element]:
    """Return the elements of some arrays, by the array's name and the element's index.

    Slurm forgets jobs some minutes after they ended.

    Raises
    ------
    ControllerAwayError
        If the queue cannot be seen.
    """
    shown = ",".join(f"{column}:{_SEPARATOR}" for column in _COLUMNS)
    wanted = ",".join(names)
    if not wanted:
        return {}
    words = ["squeue", "--noheader", "--array", "--states=all", f"--name={wanted}", f"--Format={shown}"]
    found = {}
    for line in _output(words).splitlines():
        name, index, job, state, node, reason = line.split(_SEPARATOR)[: len(_COLUMNS)]
        if index.isdecimal():
            found[name, int(index)] = Element(job, state, node, reason)
    return found


def cancel(jobs: Sequence[str]) -> None:
    """Cancel jobs by their numbers; those that are over are none.

    Raises
    ------
    ControllerAwayError
        If the controller does not answer.
    """
    if jobs:
        _output(["scancel", "--quiet", *jobs], may_fail=True)


def cancel_waiting(names: Iterable[str]) -> None:
    """Cancel the elements of some arrays that wait.

    Raises
    ------
    ControllerAwayError
        If the controller does not answer.
    """
    for name in names:
        _output(["scancel", "--quiet", "--state=PENDING", f"--name={name}"], may_fail=True)


def exclude(job: str, nodes: str) -> None:
    """Keep the elements of an array that wait off some nodes; those that run go on.

    Parameters
    ----------
    job
        Slurm's number of the array.
    nodes
        All that it is to be kept off, as Slurm writes them.

    Raises
    ------
    ControllerAwayError
        If the controller does not answer.
    """
    _output(["scontrol", "update", f"JobId={job}", f"ExcNodeList={nodes}"], may_fail=True)


def most_elements() -> int:
    """Return how many elements a job array may have.

    Raises
    ------
    ControllerAwayError
        If the controller does not answer.
    """
    found = re.search(r"^MaxArraySize\s*=\s*(\d+)", _output(["scontrol", "show", "config"]), re.MULTILINE)
    return int(found[1]) if found else 1


def answers() -> bool:
    """Return whether a controller answers."""
    try:
        return "UP" in _output(["scontrol", "ping"], may_fail=True)
    except ControllerAwayError:
        return False


def _output(words: Sequence[str], *, may_fail: bool = False) -> str:
    """Return what a command prints.

    Raises
    ------
    ControllerAwayError
        If it fails, and may not; or takes too long.
    """
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ControllerAwayError(f"{words[0]} did not answer in {COMMAND_SECONDS:g} s") from error
    except OSError as error:
        raise ControllerAwayError(f"{words[0]} cannot be started: {error.strerror}") from error
    if done.returncode and not may_fail:
        raise ControllerAwayError(" ".join(done.stderr.split()) or f"{words[0]} ended with {done.returncode}")
    return done.stdout

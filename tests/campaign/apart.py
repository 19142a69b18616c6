"""Cases in processes of their own: none can end, hang or change the campaign, and what it leaves behind is seen."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases import CampaignError, Case, Kind
from sandbox import end_descendants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias

    Batch: TypeAlias = tuple[Kind, Sequence[Case]]
    """Cases of a kind that one process runs, one after the other."""

_SET_CHILD_SUBREAPER = 36

NOTE = "outcome.json"
"""The file in which a case writes what came of it."""

LONGEST_SECONDS = 600.0
"""The longest that a case may take; what it waits for has limits of its own, far below this."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case: what recbench did, in a few words, or what was wrong."""

    case: Case
    words: str
    failed: bool


def become_subreaper() -> None:
    """Make orphans below this process its children, so that they are seen."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def outcomes(batches: Iterable[Batch], n_parallel: int, until: float) -> Iterator[Outcome]:
    """Run batches, some at a time, and yield what came of each case; start none after a time of the monotonic clock."""
    running: dict[int, Batch] = {}
    for batch in batches:
        if time.monotonic() > until:
            break
        while len(running) >= n_parallel:
            yield from _next_outcomes(running)
        running[_start(batch)] = batch
    while running:
        yield from _next_outcomes(running)


def _start(batch: Batch) -> int:
    kind, cases = batch
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        become_subreaper()
        for case in cases:
            case.folder.mkdir(parents=True)
            signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
            os.chdir(case.folder)
            _note(case.folder, *_run(kind, case))
            end_descendants()
    finally:
        os._exit(0)


def _run(kind: Kind, case: Case) -> tuple[str, bool]:
    try:
        return kind.run(case), False
    except CampaignError as fault:
        return str(fault), True
    except BaseException:  # noqa: BLE001 - whatever it is, it is written down as a failure
        return f"the campaign itself failed: {traceback.format_exc()[-1500:]}", True


def _note(folder: Path, words: str, failed: bool) -> None:
    draft = folder / "outcome.draft"
    draft.write_text(json.dumps({"words": words, "failed": failed}))
    draft.replace(folder / NOTE)


def _next_outcomes(running: dict[int, Batch]) -> Iterator[Outcome]:
    """Wait for the end of a batch; keep the folders of the cases that failed. What one of them cut off goes on."""
    while (found := os.waitpid(-1, 0))[0] not in running:
        pass
    pid, status = found
    kind, cases = running.pop(pid)
    n_noted = sum((case.folder / NOTE).exists() for case in cases)
    for case in cases[:n_noted]:
        outcome = Outcome(case, **json.loads((case.folder / NOTE).read_text()))
        if not outcome.failed:
            shutil.rmtree(case.folder, ignore_errors=True)
        yield outcome
    if n_noted < len(cases):
        yield Outcome(cases[n_noted], _how_it_ended(status), failed=True)
    if rest := cases[n_noted + 1 :]:
        running[_start((kind, rest))] = (kind, rest)


def _how_it_ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return "it hung" if code == -signal.SIGALRM else f"it ended the process with {code}"

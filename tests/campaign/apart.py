"""Each case in a process of its own: none can end, hang or change the campaign, and what it leaves behind is seen."""

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
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Outcome:
    """What came of a case: what recbench did, in a few words, or what was wrong."""

    case: Case
    words: str
    failed: bool


def become_subreaper() -> None:
    """Make orphans below this process its children, so that they are seen."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def outcomes(cases: Iterable[tuple[Kind, Case]], n_parallel: int, until: float) -> Iterator[Outcome]:
    """Run cases, some at a time, and yield what came of them; start none after a time of the monotonic clock."""
    running: dict[int, Case] = {}
    for kind, case in cases:
        if time.monotonic() > until:
            break
        if len(running) >= n_parallel:
            yield _next_outcome(running)
        running[_start(kind, case)] = case
    while running:
        yield _next_outcome(running)


def _start(kind: Kind, case: Case) -> int:
    case.folder.mkdir(parents=True)
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        become_subreaper()
        signal.setitimer(signal.ITIMER_REAL, kind.seconds)
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
    draft.replace(folder / "outcome.json")


def _next_outcome(running: dict[int, Case]) -> Outcome:
    """Wait for the end of a case; keep its folder only if it failed."""
    while (found := os.waitpid(-1, 0))[0] not in running:
        pass
    pid, status = found
    case = running.pop(pid)
    noted = case.folder / "outcome.json"
    if noted.exists():
        outcome = Outcome(case, **json.loads(noted.read_text()))
    elif os.waitstatus_to_exitcode(status) == -signal.SIGALRM:
        outcome = Outcome(case, "it hung", failed=True)
    else:
        outcome = Outcome(case, f"it ended the process with {os.waitstatus_to_exitcode(status)}", failed=True)
    if not outcome.failed:
        shutil.rmtree(case.folder, ignore_errors=True)
    return outcome

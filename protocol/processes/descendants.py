"""The children of a process and their children, as Linux lists them; with Python's library alone.

psutil asks all processes of the machine for their parents, which takes milliseconds; this is asked twenty times a
second while a job is timed, and by the keeper, which must start fast.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

PROCESSES = Path("/proc")
"""Where Linux lists processes."""


def descendants(pid: int) -> list[int]:
    """Return the children of a process, their children, and so on, without the process."""
    found: list[int] = []
    below = children(pid)
    while below:
        found += below
        below = [child for parent in below for child in children(parent)]
    return found


def children(pid: int) -> list[int]:
    """Return the children of a process, those that have ended and were not waited for included."""
    tasks = PROCESSES / str(pid) / "task"
    found: list[int] = []
    # A process or a thread may end while it is looked at.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in tasks.iterdir():
            listed = thread / "children"
            if not listed.exists() and thread.exists():
                return _by_their_parent(pid)
            found += map(int, listed.read_text().split())
    return found


def stat_fields(pid: int | str) -> list[str]:
    """Return the fields of a process's ``stat`` behind its name, from its state on (proc(5)); empty if it has ended.

    ``"self/task/7"`` is a thread of this process.
    """
    try:
        # The name may hold blanks and brackets.
        return (PROCESSES / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _by_their_parent(pid: int) -> list[int]:
    """Return the children of a process, where the kernel was built without lists of them."""
    everyone = (int(folder.name) for folder in PROCESSES.iterdir() if folder.name.isdigit())
    return [process for process in everyone if stat_fields(process)[1:2] == [str(pid)]]

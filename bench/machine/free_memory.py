"""The memory that new processes can take: of the machine, and of the control groups that this process is in."""

from __future__ import annotations

from pathlib import Path

import psutil

_ROOT = Path("/")

_FILES = (
    ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Of version 2 and of version 1: the folder, the limit, what is used, and what of it the system can give back."""


def free_bytes() -> int:
    """Return the bytes that new processes can take without swapping, or being killed."""
    return min([int(psutil.virtual_memory().available), *_left_by_groups(_ROOT)])


def _left_by_groups(root: Path) -> list[int]:
    """Return what each limit of a control group leaves: of this process's own group, and of those above it."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:  # Another system than Linux.
        return []
    left = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory") or "memory" in controllers.split(","):
            base, *names = _FILES[0] if not controllers else _FILES[1]
            own = root / base / path.lstrip("/")
            # In a container the path may be that of the host; the group itself is then at the top.
            folders = [own, *own.parents]
            left += [_left(folder, *names) for folder in folders if folder.is_relative_to(root / base)]
    return [one for one in left if one is not None]


def _left(folder: Path, limit_file: str, used_file: str, reclaimable: str) -> int | None:
    """Return what the limit of one control group leaves; None where it has none."""
    try:
        limit, used = (folder / limit_file).read_text().strip(), int((folder / used_file).read_text())
        counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    if not limit.isdigit():  # "max"
        return None
    return max(0, int(limit) - max(0, used - int(counts.get(reclaimable, 0))))

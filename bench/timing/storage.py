"""pytest-benchmark's own options, which `recbench timing` passes on to pytest, and the runs that it stored."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ".benchmarks"
"""Where pytest-benchmark stores runs by default: ``.benchmarks/Linux-CPython-3.11-64bit/0001_NAME.json``."""

_FILES = "file://"


@dataclass(frozen=True)
class Asked:
    """What is asked of pytest-benchmark in its own words; None and False are not asked for.

    Parameters
    ----------
    json
        The file of ``--benchmark-json``.
    autosave, save, save_data, storage
        ``--benchmark-autosave``, ``--benchmark-save NAME``, ``--benchmark-save-data``, ``--benchmark-storage URI``.
    compare
        Which stored runs, as ``--benchmark-compare`` takes them; empty for the last one.
    histogram
        What the names of the pictures begin with; empty for pytest-benchmark's own choice.
    """

    json: Path | None = None
    autosave: bool = False
    save: str | None = None
    save_data: bool = False
    storage: str | None = None
    compare: str | None = None
    histogram: str | None = None

    def words(self) -> Iterator[str]:
        """Yield the options as pytest takes them, without that of the report, which `bench.timing.sessions` writes."""
        if self.autosave:
            yield "--benchmark-autosave"
        if self.save is not None:
            yield f"--benchmark-save={self.save}"
        if self.save_data:
            yield "--benchmark-save-data"
        if self.storage is not None:
            yield f"--benchmark-storage={self.storage}"
        if self.compare is not None:
            yield f"--benchmark-compare={self.compare}" if self.compare else "--benchmark-compare"
        if self.histogram is not None:
            yield f"--benchmark-histogram={self.histogram}" if self.histogram else "--benchmark-histogram"
        # It draws and compares only where it may print its tables.
        if self.compare is None and self.histogram is None:
            yield "--benchmark-quiet"

    @property
    def writes(self) -> bool:
        """Whether pytest-benchmark is to write anything, which needs a session."""
        return bool(self.json or self.autosave or self.save or self.save_data) or self.histogram is not None


def stored_runs(which: str, storage: str | None = None) -> list[Path]:
    """Return the files of runs that pytest-benchmark stored, the oldest first.

    Parameters
    ----------
    which
        What ``--benchmark-compare`` takes: ``"0001"``, ``"000[1-5]"``, ``"MACHINE/0001"``, a file; empty for the last.
    storage
        A folder, or its address: ``file://PATH``; None for `FOLDER` in the current one.

    Raises
    ------
    RecbenchError
        If there is no such run, or the storage is no folder.
    """
    folder = Path((storage or FOLDER).removeprefix(_FILES))
    if not folder.is_dir():
        raise RecbenchError(f"there is no folder {folder} with stored runs; store one with --benchmark-autosave")
    # By name, so that types can be checked where pytest-benchmark is not installed.
    files: Any = importlib.import_module("pytest_benchmark.storage.file")
    utils: Any = importlib.import_module("pytest_benchmark.utils")
    runs = files.FileStorage(folder, logger=None, default_machine_id=utils.get_machine_id())
    try:
        found = [Path(path) for path in runs.query(which or "[0-9][0-9][0-9][0-9]_")]
    except ValueError as error:
        raise RecbenchError(f"--benchmark-compare {which}: {error}") from error
    if not found:
        there = ", ".join(path.name.partition("_")[0] for path in runs.query()) or "none"
        raise RecbenchError(
            f"{folder} holds no stored run {which or 'of this machine'} (there are: {there}); "
            "store one with --benchmark-autosave"
        )
    return found if which else found[-1:]

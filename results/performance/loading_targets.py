"""The targets of data: what it takes to load them, and from the command to the first job."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from outcomes import SINGLE, Case, Outcome, Setting, seconds_of

from bench.machine.memory import peak_mib, reset_peak
from protocol.data.loading import load_dataset
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGUN = "records go to"
"""What a run says when it has planned its jobs, and begins the first one."""


def loading(setting: Setting) -> Iterator[Outcome]:
    """Time loading, splitting and drawing from CSV files of growing size, and the way to the first job of a run."""
    sizes = ("600x500x20000",) if setting.quick else ("640x2000x100000", "16000x20000x2500000", "160000x60000x25000000")
    _touch_memory(0.01 if setting.quick else 4)
    per_row: list[float] = []
    seconds: list[float] = []
    memory: float | None = None
    to_first_job = 0.0
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="recbench-") as folder:
            path = Path(folder, "interactions.csv")
            # In a process of its own, which leaves no memory behind.
            subprocess.run([sys.executable, __file__, size, str(path)], check=True)
            if not seconds:
                build_task(load_dataset(path))
            seconds = []
            for _ in range(1 if size == sizes[-1] else 3):
                gc.collect()
                can_reset = reset_peak()
                seconds.append(seconds_of(lambda: build_task(load_dataset(path))))  # noqa: B023
                memory = peak_mib() / 1024 if can_reset else None
            if size == sizes[-1]:
                to_first_job = _to_first_job(path)
        per_row.append(1e6 * float(np.median(seconds)) / int(size.rpartition("x")[2]))
    n = int(sizes[-1].rpartition("x")[2])
    what = f"load, split and draw, {n:,} interactions, CSV"
    yield Case("loading", what, 1).at_most(seconds[0], 90, SINGLE)
    yield Case("loading", f"{what}: memory", 1, "GiB").peak(memory, 6)
    what = f"from the command to the first job, {n:,} interactions, CSV"
    yield Case("loading", what, 1).at_most(to_first_job, 20, SINGLE)
    for each, size in zip(per_row[:-1], sizes[:-1], strict=True):
        against = f"of {int(size.rpartition('x')[2]):,}"
        note = f"flat; {SINGLE} against the median of three, after a warm-up"
        yield Case("loading", "the same for one interaction", 1, "µs").within(per_row[-1], each, against, 1.5, note)


def _touch_memory(gib: float) -> None:
    """Write to so much memory, and give it back.

    A virtual machine may first have to get what it never used, or not for some time, from its host: that took longer
    than all else with large files, and nothing with small ones.
    """
    np.ones(int(gib * 2**30), dtype=np.bool_)


def _to_first_job(path: Path) -> float:
    """Return the seconds from the command to its first job; the run goes on to its end.

    Raises
    ------
    RuntimeError
        If it did not come so far.
    """
    with tempfile.TemporaryDirectory(prefix="recbench-") as folder:
        options = ["--dataset", str(path), "--recommender", "popularity", "--out", folder]
        command = [sys.executable, "-m", "bench", "run", *options]
        began, said, seconds = time.perf_counter(), [], None
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None  # noqa: S101 - it is a pipe
            for line in running.stderr:
                said.append(line)
                if BEGUN in line:
                    seconds = time.perf_counter() - began
    if running.returncode or seconds is None:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {running.returncode}:\n{''.join(said)}")
    return seconds


def write_csv(size: str, path: str) -> None:
    """Write synthetic interactions as a CSV file, in a random order."""
    import pandas as pd

    interactions = load_dataset(f"synthetic:{size}").interactions
    order = np.random.default_rng(0).permutation(len(interactions))
    columns: dict[str, Any] = {
        "user": interactions.users,
        "item": interactions.items,
        "timestamp": interactions.timestamps,
    }
    frame = pd.DataFrame({name: values[order] for name, values in columns.items()})
    if find_spec("pyarrow"):
        from pyarrow import Table, csv

        csv.write_csv(Table.from_pandas(frame), path)
    else:
        frame.to_csv(path, index=False)


if __name__ == "__main__":
    write_csv(*sys.argv[1:])

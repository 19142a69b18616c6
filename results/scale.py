"""The page ``results/scale.md``: what large data take on one machine, and a plan on paper to 10^8 users.

::

    python results/scale.py run synthetic:160000x60000x25000000 popularity als:epochs=1     measure, and write the page
    python results/scale.py page                                            the page, from results/scale/*.csv alone

Reading, splitting and packing are measured in this process; each recommender in a job of its own, one thread, one job
at a time. What is measured already is measured again in its place.
"""

from __future__ import annotations

import argparse
import csv
import io
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tabulate import tabulate

from bench.choices import choose
from bench.data import Data
from bench.machine.environment import describe_environment
from bench.machine.memory import PeakMemory
from bench.records.store import Store
from bench.running.handing import TrainingData
from bench.running.plan import plan_jobs
from bench.running.progress.choosing import make_progress
from bench.running.runner import run_jobs
from bench.running.standstill import LEAST_SECONDS
from protocol.drafts import write_output
from recommenders.kernels.sampling import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.records.record import Record
    from protocol.tasks.task import Task

    Result = TypeVar("Result")

HERE = Path(__file__).parent
MEASURED, PLACES, PAGE = HERE / "scale" / "measured.csv", HERE / "scale" / "places.csv", HERE / "scale.md"

READ, SPLIT, PACK = "read", "split and draw", "pack"
STAGES = {
    READ: "the interactions are generated, or read from a file, and sorted",
    SPLIT: "the split, 100 negatives for each user, and the digests",
    PACK: "the training interactions are copied into the memory that jobs map",
}

USERS, ITEMS, INTERACTIONS = 10**8, 10**6, 2 * 10**9
"""The data of the plan."""

TASK_BYTES = 16 * INTERACTIONS + 8 * (USERS + ITEMS) + (4 * 101 + 12) * USERS
"""The arrays of the task: interactions, ids, candidates, keys of columns."""

BASE_MIB = 180
"""What Python and the libraries hold in a process."""

MIB = 2**20
DAY = 86_400
TIMEOUT = 6 * 3600.0


@dataclass(frozen=True)
class Measured:
    """What one stage, or the job of one recommender, took.

    Parameters
    ----------
    what
        A key of `STAGES`, or a recommender as its row calls it.
    seconds, cpu_seconds
        Of the stage; or of fitting and scoring. The first grow with what else the machine does.
    peak_mib
        The most that the process held resident, with what it maps.
    held_mib
        What it held when the stage was over; of a job, what it held before fitting.
    disk_mib
        The size of the record; 0 for a stage.
    """

    n_users: int
    n_items: int
    n_interactions: int
    what: str
    seconds: float
    cpu_seconds: float
    peak_mib: float
    held_mib: float
    disk_mib: float

    @property
    def size(self) -> tuple[int, int, int]:
        """Users, items and interactions."""
        return self.n_interactions, self.n_users, self.n_items


def run(dataset: str, recommenders: Sequence[str], out: Path) -> None:
    """Measure the stages of a dataset and some recommenders on it; each line is stored as soon as it is known."""
    source = Data(dataset)
    found, read = _timed(READ, source.load)
    sizes = {"n_users": found.interactions.n_users, "n_items": found.interactions.n_items}
    sizes["n_interactions"] = len(found.interactions)
    task, split = _timed(SPLIT, partial(source.test_task, found))
    del found
    training = TrainingData()
    _, packed = _timed(PACK, lambda: training.of(task))
    training.close()
    for line in (read, split, packed):
        add(Measured(**sizes, **line, disk_mib=0.0), out)
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    try:
        for name in recommenders:
            record, n_bytes = _job(name, task, folder / name.replace(":", "-"))
            add(Measured(**sizes, **_line(record), disk_mib=n_bytes / MIB), out)
    finally:
        shutil.rmtree(folder)


def _timed(what: str, work: Callable[[], Result]) -> tuple[Result, dict[str, float | str]]:
    """Do some work; return its result, and what it took."""
    peak = PeakMemory()
    started, cpu_started = time.perf_counter(), time.process_time()
    result = work()
    line: dict[str, float | str] = {
        "what": what,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu_started,
        "peak_mib": peak.mib(),
        "held_mib": PeakMemory().before_mib,
    }
    return result, line


def _job(name: str, task: Task, folder: Path) -> tuple[Record, int]:
    """Return the record of one recommender, and the bytes that it takes on disk."""
    jobs = plan_jobs(choose([name], ()), (0,), threads=1, environment=describe_environment(), task=task)
    (record,) = run_jobs(jobs, Store(folder), timeout=TIMEOUT, progress=make_progress(quiet=False))
    if record.failure is not None:
        raise SystemExit(f"{name} failed: {record.failure.message}")
    return record, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _line(record: Record) -> dict[str, float | str]:
    memory, usage, fit_seconds = record.memory, record.usage, record.time.fit_seconds
    assert memory is not None and usage is not None and fit_seconds is not None  # noqa: S101, PT018 - it has not failed
    return {
        "what": record.recommender.label,
        "seconds": fit_seconds + usage.scoring_seconds,
        "cpu_seconds": usage.fit_cpu_seconds + usage.scoring_cpu_seconds,
        "peak_mib": max(memory.peak_mib, usage.scoring_peak_mib + usage.ranking_mib),
        "held_mib": memory.before_fit_mib,
    }


def add(line: Measured, path: Path) -> None:
    """Add a line to a file, in the place of one of the same size and name."""
    lines = [one for one in read_measured(path) if (one.size, one.what) != (line.size, line.what)]
    known = [*STAGES]
    lines = sorted([*lines, line], key=lambda one: (one.size, one.what not in known, _rank(one.what, known), one.what))
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Measured)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _short(value) for name, value in asdict(one).items()} for one in lines)
    write_output(path, text.getvalue().encode())


def _rank(what: str, known: Sequence[str]) -> int:
    return known.index(what) if what in known else len(known)


def _short(value: float | str) -> float | str:
    return round(value, 2) if isinstance(value, float) else value


def read_measured(path: Path) -> list[Measured]:
    """Return the lines of a file; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Measured(
                *(int(row[name]) for name in ("n_users", "n_items", "n_interactions")),
                row["what"],
                *(float(row[name]) for name in ("seconds", "cpu_seconds", "peak_mib", "held_mib", "disk_mib")),
            )
            for row in csv.DictReader(file)
        ]


def page(measured: Sequence[Measured], places: Path) -> str:
    """Return the page.

    Parameters
    ----------
    places
        A CSV with the columns place, what, value, unit and n; it may be missing.
    """
    return "\n".join([*_measured_part(measured), *_places_part(places), *_plan_part(measured)]) + "\n"


def _measured_part(measured: Sequence[Measured]) -> Iterator[str]:
    yield "# Large data: what they take, and a plan to 10^8 users\n"
    yield (
        "Written by `results/scale.py` from `results/scale/measured.csv`. Synthetic data, leave-last-out, 100 "
        "negatives for each user; one thread, one job at a time, on a machine of two cores and 24 GiB that "
        "other people used at the same time. So processor seconds say more than seconds; memory does not depend on "
        "other work. A job's peak "
        "holds Python and the libraries (65 to 180 MiB) and the training interactions, which jobs of one machine share "
        "(16 bytes each). Models that learn in epochs ran one epoch.\n"
    )
    yield "\n".join(f"- {what}: {meaning}." for what, meaning in STAGES.items())
    for size in dict.fromkeys(line.size for line in measured):
        own = [line for line in measured if line.size == size]
        n, users, items = size
        yield f"\n## {n:,} interactions ({users:,} users, {items:,} items)\n"
        rows = [
            [
                line.what,
                f"{line.seconds:,.1f}",
                f"{line.cpu_seconds:,.1f}",
                f"{line.peak_mib:,.0f}",
                f"{line.peak_mib * MIB / n:,.0f}" if n >= 10**7 else "-",
            ]
            for line in own
        ]
        yield _table(rows, ["", "seconds", "processor seconds", "peak, MiB", "peak, bytes an interaction"])


def _plan_part(measured: Sequence[Measured]) -> Iterator[str]:
    """Yield the plan; every figure is scaled from the largest size at which it was measured."""
    if not {*STAGES, "popularity"} <= {line.what for line in measured}:
        return
    yield f"\n## On paper: {USERS:,} users\n"
    yield (
        f"{USERS:,} users, {ITEMS:,} items and {INTERACTIONS:,} interactions, 100 negatives for each user. Models that "
        f"draw negatives number the interactions with four bytes, so they take {MOST_ROWS:,} interactions at most, and "
        "refuse more. Nothing of this size was run.\n"
    )
    yield "### What is stored where\n"
    yield "From the arrays that the code makes; the size of a record is measured.\n"
    yield _table(list(map(list, _stored(measured))), ["what", "where", "bytes", "in all"])
    yield "\n### Memory and time, scaled\n"
    yield (
        "Each line is scaled from the largest size at which it was measured. Its bytes grow with the interactions and "
        "with the users. So they are at least the measured ones times the ratio of the interactions, and at most those "
        "times the ratio of the users, which is higher here. Python and the libraries "
        f"({BASE_MIB} MiB) are left out.\n"
    )
    yield _table(
        [_scaled(_largest(measured, what)) for what in _names(measured)],
        ["", "measured at", "memory, at least", "memory, at most", "processor time, at least"],
    )
    yield (
        "\nTimes are of one epoch and of scoring the candidates, in proportion to the interactions. One of them grows "
        "faster: `item_knn` scores with a full row of all items for each user, users times items. `mf`, `gmf` and "
        "`mlp` take longer for an interaction where no cache holds their vectors; vectors of `gmf` and `mlp` that a "
        "batch does not use wait for their steps of Adam.\n"
    )
    yield "### What moves, and what is asked for\n"
    yield from (f"- {line}" for line in _moved(measured))


def _scaled(line: Measured) -> list[str]:
    by_rows, by_users = INTERACTIONS / line.n_interactions, USERS / line.n_users
    n_bytes = max(0.0, line.peak_mib - BASE_MIB) * MIB
    least, most = sorted((n_bytes * by_rows, n_bytes * by_users))
    time_text = _time_text(line.cpu_seconds * by_rows)
    return [line.what, f"{line.n_interactions:,}", _bytes_text(least), _bytes_text(most), time_text]


def _stored(measured: Sequence[Measured]) -> Iterator[tuple[str, str, str, str]]:
    """Yield what is stored: what, where, how many bytes for each, and in all."""
    record, both = _largest(measured, "popularity"), USERS + ITEMS
    of_record = f"{record.disk_mib * MIB / record.n_users:.1f} a user, measured at {record.n_users:,} users"
    sampling, twice = "a job of bpr, mf, gmf, mlp", "12 an example, two parts of 2^24"
    lines: list[tuple[str, str, str, float]] = [
        ("training interactions", "driver and each worker, once", "16 an interaction", 16 * INTERACTIONS),
        ("ids that are integers", "with the interactions", "8 a user and an item", 8 * both),
        ("held-out items and negatives", "driver; a job, once it has fitted", "4 a candidate", 4 * 101 * USERS),
        ("users and keys of columns", "with the candidates", "12 a user", 12 * USERS),
        ("which negatives are rivals", "a job, while it scores", "1 a negative", 100 * USERS),
        ("positions for negatives", sampling, "8 an interaction", 8 * INTERACTIONS),
        ("the order of an epoch", sampling, "4 an interaction", 4 * INTERACTIONS),
        ("examples", sampling, twice, 2 * 12 * 2**24),
        ("items of users, users of items", "a job of als, item_knn", "10 an interaction", 10 * INTERACTIONS),
        ("vectors of 64", "a job of mf", "256 a user and an item", 256 * both),
        ("vectors of 32 with Adam's", "a job of gmf, mlp", "640 a user and an item", 640 * both),
        ("a record without lists", "results folder", of_record, _record_bytes(measured)),
    ]
    for what, where, each, total in lines:
        yield what, where, each, _bytes_text(total)


def _moved(measured: Sequence[Measured]) -> Iterator[str]:
    split = _largest(measured, SPLIT)
    task, back = _bytes_text(TASK_BYTES), _bytes_text(_record_bytes(measured))
    _, _, least, most, _ = _scaled(split)
    yield f"dask: the task, {task}, once to each worker, whatever the number of its jobs; a record, {back}, a job."
    yield f"Slurm: the task, {task}, once in the shared folder, from where each node maps it; a record, {back}, a job."
    yield (
        f"The driver holds {least} to {most} while it splits the data and draws candidates (scaled from "
        f"{split.peak_mib:,.0f} MiB at {split.n_interactions:,} interactions). Afterwards it holds the task."
    )
    yield (
        "dask is asked for workers on machines that have the memory of the job's line above: dask's own limit does not "
        "count the job's process."
    )
    yield "Slurm is asked for it by `mem=`, and for the cores by `cpus=`, in `--on slurm:...`."
    yield (
        "A job that Slurm suspends (`scontrol suspend`) has the pause in its times, and not in its limit. Its row says "
        f"for how long it stood still at the most, if that was {LEAST_SECONDS:g} s or more, and its times are not "
        "compared with others."
    )
    yield (
        "A node of Slurm's that is drained ends the jobs that it has, and gets no others. One that is down, or a "
        "worker of dask that is retired, costs its job a try elsewhere. A paused worker ends its job and gets no other."
    )
    yield "`recbench estimate` says what each recommender needs on the data at hand."


def _record_bytes(measured: Sequence[Measured]) -> float:
    record = _largest(measured, "popularity")
    return record.disk_mib * MIB / record.n_users * USERS


def _names(measured: Sequence[Measured]) -> list[str]:
    return list(dict.fromkeys([*STAGES, *(line.what for line in measured)]))


def _largest(measured: Sequence[Measured], what: str) -> Measured:
    """Return the line of the largest size at which something was measured."""
    return max((line for line in measured if line.what == what), key=lambda line: line.size)


def _bytes_text(n: float) -> str:
    return f"{n / 2**30:,.1f} GiB"


def _time_text(seconds: float) -> str:
    return f"{seconds / DAY:,.1f} days" if seconds > 2 * DAY else f"{seconds / 3600:,.1f} hours"


def _places_part(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    yield "\n## Other places\n"
    yield "Measured with real engines on one machine, over loopback (`results/scale/places.csv`).\n"
    with path.open(newline="", encoding="utf-8") as file:
        rows = [[row[name] for name in ("place", "what", "value", "unit", "n")] for row in csv.DictReader(file)]
    yield _table(rows, ["place", "what", "value", "unit", "n"])


def _table(rows: list[list[str]], headers: list[str]) -> str:
    align = ["left", *["right"] * (len(headers) - 1)]
    return tabulate(rows, headers, tablefmt="pipe", disable_numparse=True, colalign=align)


def main() -> None:
    """Measure, or write the page alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("dataset", help="synthetic:USERSxITEMSxINTERACTIONS, or another one")
    running.add_argument("recommenders", nargs="*", help="NAME or NAME:param=value,...")
    commands.add_parser("page")
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments.dataset, arguments.recommenders, MEASURED)
    write_output(PAGE, page(read_measured(MEASURED), PLACES).encode())


if __name__ == "__main__":
    main()

"""Faults at random moments of a run on a real cluster of dask: workers, scheduler, driver, network and disk fail."""

from __future__ import annotations

import contextlib
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cases import Case, Kind, require
from checks import announced, figures, no_traceback, same_accuracy, verified
from dask_cluster import DaskCluster
from honest import HONEST, RUN
from network_apart import Apart, Networks, why_not
from pace import Deadline
from sandbox import Finished, Running, Sandbox, descendants, describe

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from checks import Figures
    from dask_cluster import Started

ASKED = (
    "-r",
    "popularity",
    "-r",
    "random",
    "-r",
    "mine",
    "-r",
    "item_knn",
    "-r",
    "als:epochs=2",
    "--plugin",
    "mine.py",
)
SUITE = (*RUN, *ASKED, "--seeds", "0-2")

N_WORKERS = 3

SILENCE = "11s"
"""After how long dask takes a connection for dead on which nothing comes; 30 s by default."""

LEASE_SECONDS = 60.0
"""The most that jobs may outlive their driver."""

RUN_SECONDS = 120.0
"""The most that a run may take on a quiet machine, with a fault in it."""


@dataclass(frozen=True)
class Whole:
    """A run on this machine, without a cluster and without a fault."""

    reference: Figures


def whole(folder: Path) -> Whole:
    """Run the suite here."""
    place = Sandbox(folder)
    (place.work / "mine.py").write_text(HONEST)
    finished = place.run(SUITE, 300)
    require(finished.code == 0, f"the run without a fault ended with {finished.code}: {finished.said()}")
    return Whole(figures(finished.out))


@dataclass
class Site:
    """A cluster whose workers are each in a network, and with a disk, of their own.

    Attributes
    ----------
    small
        The folder of each worker, which is its disk.
    """

    folder: Path
    networks: Networks
    cluster: DaskCluster = field(init=False)
    apart: list[Apart] = field(init=False)
    workers: list[Started] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.apart = [self.networks.add() for _ in range(N_WORKERS)]
        self.start()

    def start(self) -> None:
        """Start a scheduler, and a worker in each network."""
        place = Sandbox(self.folder / f"cluster-{len(self.workers)}")
        environment = {**place.environment(), "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": SILENCE}
        self.cluster = DaskCluster(place.folder / "dask", self.networks.host, environment=environment)
        started = [self.add(apart) for apart in self.apart]
        self.cluster.wait_for_workers(*started)

    def add(self, apart: Apart) -> Started:
        """Start a worker in a network; what the driver writes is not there."""
        disk = self.folder / f"disk-{len(self.workers)}"
        hidden = self.folder / "driver"
        for made in (disk, hidden):
            made.mkdir(exist_ok=True)
        disks = {disk: "8m", hidden: "1m"}
        worker = self.cluster.add_worker(
            apart.address,
            environment={"TMPDIR": str(disk)},
            folder=disk,
            command=partial(apart.command, disks=disks),
        )
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        """Stop scheduler and workers."""
        self.cluster.stop()

    def processes(self) -> set[int]:
        """Return the numbers of the cluster's own processes."""
        return {started.process.pid for started in (self.cluster.scheduler, *self.workers)}


def kill_a_worker(site: Site, driver: Running, draw: random.Random) -> None:
    """Kill one or two workers, and start others some time later."""
    for _ in range(draw.choice((1, 1, 2))):
        number = draw.randrange(N_WORKERS)
        site.workers[number].kill()
        time.sleep(draw.uniform(0, 1))
        site.workers.append(site.add(site.apart[number]))


def kill_the_scheduler(site: Site, driver: Running, draw: random.Random) -> None:
    """Kill the scheduler."""
    site.cluster.scheduler.kill()


def kill_the_driver(site: Site, driver: Running, draw: random.Random) -> None:
    """Kill the driver."""
    driver.process.kill()


def interrupt_the_driver(site: Site, driver: Running, draw: random.Random) -> None:
    """Press Ctrl-C."""
    driver.process.send_signal(signal.SIGINT)


def cut_the_network(site: Site, driver: Running, draw: random.Random) -> None:
    """Cut the cable of a worker; sometimes it comes back soon."""
    apart = draw.choice(site.apart)
    apart.cut()
    if draw.random() < 0.5:
        time.sleep(draw.uniform(0, 15))
        apart.mend()


def fill_a_disk(site: Site, driver: Running, draw: random.Random) -> None:
    """Fill the disk of a worker."""
    worker = draw.choice(site.workers)
    filler = Path(f"/proc/{worker.process.pid}/root{worker.folder}/filler")
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(b"\0" * 4096)
            file.flush()


@dataclass(frozen=True)
class Fault:
    """A fault, how often it is tried, and the exit codes that the run may have; 0 is with all rows right."""

    inject: Callable[[Site, Running, random.Random], None]
    count: int
    codes: Sequence[int]
    expected: str


GOES_ON = "The run goes on elsewhere and ends with all rows right."
ENDS = "The run ends; what is finished is kept."

FAULTS = {
    "worker-kill": Fault(kill_a_worker, 14, (0,), GOES_ON),
    "network-cut": Fault(cut_the_network, 12, (0,), GOES_ON),
    "full-disk": Fault(fill_a_disk, 10, (0,), GOES_ON),
    "scheduler-kill": Fault(kill_the_scheduler, 10, (0, 2), ENDS),
    "driver-kill": Fault(kill_the_driver, 10, (0, -signal.SIGKILL), ENDS),
    "driver-interrupt": Fault(interrupt_the_driver, 6, (0, 130), ENDS),
}


def fail(fault: Fault, case: Case) -> str:
    """Run on a cluster with a fault at a random moment, and then again."""
    reference, draw = case.prepared.reference, case.draw()
    require(not why_not(), why_not())
    place = Sandbox(case.folder / "driver")
    (place.work / "mine.py").write_text(HONEST)
    with Networks() as networks:
        site = Site(case.folder, networks)
        try:
            running = _start(place, site)
            time.sleep(draw.uniform(1, 12))
            ended_before = running.process.poll() is not None
            fault.inject(site, running, draw)
            finished = running.wait(RUN_SECONDS)
            no_traceback(finished)
            codes = (0,) if ended_before else fault.codes
            require(finished.code in codes, f"exit code {finished.code}: {finished.said()}")
            if finished.code == 0:
                _check_all_right(finished, reference)
            _check_no_job_is_left(site)
            again = _again(place, site, reference)
            twice = announced(finished.err) & announced(again.err)
            require(not twice, f"finished and lost: {', '.join(sorted(twice))}")
            verified(place.work / "results")
        finally:
            site.stop()
    place.check_nothing_left(folders=False)
    if ended_before:
        return "ended before the fault"
    return "went on, and all rows were right" if finished.code == 0 else "ended, and went on when run again"


def _start(place: Sandbox, site: Site) -> Running:
    environment = {**place.environment(), "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": SILENCE}
    return place.start([*SUITE, "--on", f"dask:{site.cluster.address}"], environment=environment)


def _again(place: Sandbox, site: Site, reference: Figures) -> Finished:
    """Run the same command on a cluster without faults."""
    site.stop()
    for apart in site.apart:
        apart.mend()
    site.workers.clear()
    site.start()
    again = _start(place, site).wait(RUN_SECONDS)
    no_traceback(again)
    require(again.code == 0, f"run again, it ended with {again.code}: {again.said()}")
    _check_all_right(again, reference)
    return again


def _check_all_right(finished: Finished, reference: Figures) -> None:
    found = figures(finished.out)
    require(found.keys() == reference.keys(), f"rows of {sorted(found)}, expected {sorted(reference)}")
    same_accuracy(found, reference)


def _check_no_job_is_left(site: Site) -> None:
    """Check that within a minute no process is left but the cluster's own."""
    deadline = Deadline(LEASE_SECONDS)
    while left := [one for one in descendants() if one.pid not in site.processes()]:
        require(not deadline.is_over(), f"orphans: {'; '.join(describe(process) for process in left)}")
        time.sleep(0.1)


KINDS = tuple(
    Kind(
        f"dask-{word}",
        fault.count,
        f"{fault.expected} No process of a job is left after a minute. The same command, run again on a whole cluster, "
        "keeps what was finished and comes to the accuracy of a run on one machine; `verify` passes.",
        partial(fail, fault),
        whole,
    )
    for word, fault in FAULTS.items()
)

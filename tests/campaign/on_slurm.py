"""Faults of a cluster, at random moments of a run on a real Slurm of two nodes; then the same command again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
from cases import Case, Kind, require
from checks import DATA, announced, figures, no_traceback, same_accuracy, verified
from sandbox import Finished, Running, Sandbox
from slurm_cluster import PROGRAMS, program_path, slurm_cluster

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checks import Figures
    from slurm_cluster import SlurmCluster

SLOW = """
import subprocess, sys, time
import numpy as np

class Slow:
    def fit(self, train, *, rng):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
        time.sleep(1.5)
        child.kill()
        child.wait()
        self.weights = rng.random(train.n_items)
        return self

    def score(self, users, items):
        return self.weights[items]
"""

RUN = ("run", *DATA, "--threads", "1", "--format", "json", "--out", "results", "--timeout", "120")
SUITE = ("-r", "popularity", "-r", "slow", "--plugin", "slow.py", "--seeds", "0-2")

HEALED_SECONDS = 8.0
"""The longest that a part of the cluster is away."""

ENDING_SECONDS = 240.0
"""The longest that a run may take after a fault; it looks at the queue every 5 s, and tries a job three times."""

LEASE_SECONDS = 60.0
"""The longest that jobs may live after their driver was killed."""

SCRATCH_MIB = 96


@dataclass
class Scene:
    """A run on a cluster, to which something happens.

    Parameters
    ----------
    scratch
        A small file system, where the jobs have their temporary files.
    """

    cluster: SlurmCluster
    running: Running
    draw: random.Random
    scratch: Path

    def pause(self) -> None:
        """Wait until a part may come back."""
        time.sleep(self.draw.uniform(0, HEALED_SECONDS))

    def one(self, look: Callable[[], list[Any]]) -> Any:
        """Draw one of some processes, or jobs, as soon as there are any; None if the run ends before."""
        while self.running.process.poll() is None:
            if found := look():
                return self.draw.choice(found)
            time.sleep(0.01)
        return None

    def node(self) -> str:
        """Draw a node."""
        return self.draw.choice([*self.cluster.nodes])

    def elements(self) -> list[psutil.Process]:
        """Return the workers."""
        return [one for one in self.cluster.processes() if any("slurm.element" in word for word in _command(one))]

    def below_elements(self) -> list[psutil.Process]:
        """Return the processes of jobs."""
        found = []
        for element in self.elements():
            with contextlib.suppress(psutil.Error):
                found += element.children(recursive=True)
        return found


def kill_worker(scene: Scene) -> None:
    """Kill a worker."""
    _kill(scene.one(scene.elements))


def kill_job(scene: Scene) -> None:
    """Kill a process of a job."""
    _kill(scene.one(scene.below_elements))


def kill_step(scene: Scene) -> None:
    """Kill Slurm's own process above a worker."""
    _kill(scene.one(lambda: [one for one in scene.cluster.processes() if _is_step(one)]))


def lose_node(scene: Scene) -> None:
    """Kill all that runs on a node, as if it had lost its power; it comes back."""
    name = scene.node()
    scene.cluster.kill(name)
    for element in scene.elements():
        with contextlib.suppress(psutil.Error):
            if element.environ().get("SLURMD_NODENAME") == name:
                for one in [*element.parents()[:1], element, *element.children(recursive=True)]:
                    if one.pid not in (1, os.getpid()):
                        _kill(one)
    scene.pause()
    scene.cluster.start(name)


def kill_daemon(scene: Scene) -> None:
    """Kill the daemon of a node; it comes back."""
    name = scene.node()
    scene.cluster.kill(name)
    scene.pause()
    scene.cluster.start(name)


def kill_controller(scene: Scene) -> None:
    """Kill the controller; it comes back."""
    scene.cluster.kill("slurmctld")
    scene.pause()
    scene.cluster.start("slurmctld")


def hang_controller(scene: Scene) -> None:
    """Stop the controller for some seconds."""
    process = scene.cluster.parts["slurmctld"]
    process.send_signal(signal.SIGSTOP)
    scene.pause()
    process.send_signal(signal.SIGCONT)


def down(scene: Scene) -> None:
    """Let a node be down, as an administrator does; it is resumed."""
    _set_node(scene, "down")


def drain(scene: Scene) -> None:
    """Drain a node; it is resumed."""
    _set_node(scene, "drain")


def cancel_one(scene: Scene) -> None:
    """Cancel a job, as an administrator does."""
    job = scene.one(scene.cluster.jobs)
    if job is not None:
        scene.cluster.command("scancel", job.split()[0])


def cancel_all(scene: Scene) -> None:
    """Cancel all jobs."""
    scene.cluster.command("scancel", "--user=root")


def fill_disk(scene: Scene) -> None:
    """Fill the disk on which jobs have their temporary files, for some seconds."""
    ballast = scene.scratch / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(bytes(2**20))
    scene.pause()
    ballast.unlink()


def kill_driver(scene: Scene) -> None:
    """Kill the driver."""
    scene.running.process.send_signal(signal.SIGKILL)


def interrupt_driver(scene: Scene) -> None:
    """Press Ctrl-C."""
    scene.running.process.send_signal(signal.SIGINT)


FAULTS: dict[str, Callable[[Scene], None]] = {
    "worker-killed": kill_worker,
    "job-killed": kill_job,
    "step-killed": kill_step,
    "node-lost": lose_node,
    "node-daemon-killed": kill_daemon,
    "controller-killed": kill_controller,
    "controller-hangs": hang_controller,
    "node-down": down,
    "node-drained": drain,
    "one-cancelled": cancel_one,
    "all-cancelled": cancel_all,
    "full-disk": fill_disk,
    "driver-killed": kill_driver,
    "ctrl-c": interrupt_driver,
}


def run_with_fault(fault: Callable[[Scene], None], case: Case) -> str:
    """Run on a cluster to which something happens, and once more."""
    prepared: Prepared = case.prepared
    reference = prepared.reference
    place = Sandbox(case.folder)
    (place.work / "slow.py").write_text(SLOW)
    scratch = case.folder / "scratch"
    with (
        _small_disk(scratch),
        slurm_cluster(case.folder / "slurm", n_nodes=2, more=_prolog(case.folder, scratch)) as it,
    ):
        environment = {**place.environment(), "SLURM_CONF": it.environment["SLURM_CONF"]}
        running = place.start([*RUN, *SUITE, "--on", "slurm"], environment=environment)
        scene = Scene(it, running, case.draw(), scratch)
        moment = scene.draw.uniform(0.3, 1.05 * prepared.seconds)
        time.sleep(moment)
        is_in_time = running.process.poll() is None
        if is_in_time:
            fault(scene)
        finished = running.wait(ENDING_SECONDS)
        _check_end(finished, fault)
        if finished.code == 0:
            # A row of which a seed failed is of the other seeds; the same command makes it whole, below.
            same_accuracy(figures(finished.out), reference)
        _wait_until_gone(scene, LEASE_SECONDS if fault is kill_driver else 10.0)
        it.wait_until_idle()
        again = place.start([*RUN, *SUITE, "--on", "slurm"], environment=environment).wait(ENDING_SECONDS)
        no_traceback(again)
        require(again.code == 0, f"run again, it ended with {again.code}: {again.said()}")
        require(figures(again.out) == reference, f"run again, it came to {figures(again.out)}, expected {reference}")
        twice = announced(finished.err) & announced(again.err)
        require(not twice, f"finished and lost: {', '.join(sorted(twice))}")
        _wait_until_gone(scene, 10.0)
        left = [path.name for path in (place.work / "results").glob(".slurm-*")]
        require(not left, f"left in the results: {left}")
        require(not list(scratch.iterdir()), f"left in the scratch folder: {[path.name for path in scratch.iterdir()]}")
    verified(place.work / "results")
    place.check_nothing_left()
    if not is_in_time:
        return "ended before the fault"
    return {0: "all rows were right", 1: "a row failed, and was made again"}.get(finished.code, "stopped, and went on")


@dataclass(frozen=True)
class Prepared:
    """The accuracy of a run on this machine, and the seconds that one on a cluster takes."""

    reference: Figures
    seconds: float


def prepare(folder: Path) -> Prepared:
    """Run here, and on a cluster to which nothing happens."""
    place = Sandbox(folder)
    (place.work / "slow.py").write_text(SLOW)
    here = place.run([*RUN, *SUITE], 300.0)
    require(here.code == 0, f"the run without a fault ended with {here.code}: {here.said()}")
    with slurm_cluster(folder / "slurm", n_nodes=2) as cluster:
        environment = {**place.environment(), "SLURM_CONF": cluster.environment["SLURM_CONF"]}
        arguments = [*RUN, *SUITE, "--on", "slurm", "--refit"]
        there = place.start(arguments, environment=environment).wait(ENDING_SECONDS)
    require(there.code == 0, f"the run on Slurm ended with {there.code}: {there.said()}")
    same_accuracy(figures(there.out), figures(here.out))
    return Prepared(figures(here.out), there.seconds)


def _check_end(finished: Finished, fault: Callable[[Scene], None]) -> None:
    no_traceback(finished)
    allowed = {0, 1} | {kill_driver: {-9}, interrupt_driver: {130}}.get(fault, set())
    require(finished.code in allowed, f"the run ended with {finished.code}: {finished.said()}")


def _wait_until_gone(scene: Scene, seconds: float) -> None:
    """Wait until no worker and no job is left."""
    end = time.monotonic() + seconds
    while left := [one for one in scene.cluster.processes() if _is_of_ours(one)]:
        told = "; ".join(" ".join(_command(one))[:120] for one in left)
        require(time.monotonic() < end, f"left behind after {seconds:g} s: {told}")
        time.sleep(0.1)


def _is_of_ours(process: psutil.Process) -> bool:
    words = " ".join(_command(process))
    return "slurm.element" in words or "running.job" in words or "time.sleep(300)" in words


def _is_step(process: psutil.Process) -> bool:
    return any(word.startswith("slurmstepd: [") for word in _command(process))


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _kill(process: psutil.Process | None) -> None:
    with contextlib.suppress(psutil.Error):
        if process is not None:
            process.kill()


def _set_node(scene: Scene, state: str) -> None:
    name = scene.node()
    scene.cluster.command("scontrol", "update", f"nodename={name}", f"state={state}", "reason=campaign")
    scene.pause()
    with contextlib.suppress(subprocess.CalledProcessError):
        scene.cluster.command("scontrol", "update", f"nodename={name}", "state=resume")


def _prolog(folder: Path, scratch: Path) -> str:
    """Return a line for Slurm, by which jobs have their temporary files elsewhere than the driver."""
    script = folder / "prolog.sh"
    script.write_text(f"#!/bin/sh\necho export TMPDIR={scratch}\n")
    script.chmod(0o755)
    return f"TaskProlog={script}"


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SCRATCH_MIB}m", "recbench", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def is_possible() -> bool:
    """Return whether this machine can run a Slurm of our own, and mount a small disk."""
    return os.geteuid() == 0 and all(map(program_path, PROGRAMS)) and shutil.which("mount") is not None


EXPECTED = (
    "The run ends by itself with the right rows, or stops where it was asked to. Workers and jobs are gone, at the "
    "latest a minute after a driver that was killed. The same command, run again, keeps what was finished and comes to "
    "the accuracy of a run on one machine; `verify` passes."
)

KINDS = tuple(
    Kind(f"slurm-{name}", 4, EXPECTED, lambda case, fault=fault: run_with_fault(fault, case), prepare)
    for name, fault in FAULTS.items()
    if is_possible()
)

"""Jobs on a real Slurm of two nodes: what comes back, and what becomes of jobs whose worker is lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
from jobs_here import jobs_here
from msgspec import structs
from slurm_cluster import slurm_cluster
from waiting import wait_until

from bench.records.store import Store
from bench.running.folder_view import FolderView
from bench.running.places import slurm_place
from bench.running.places.place import PlaceLostError, RunOfJobs
from bench.running.places.slurm import watching
from bench.running.places.slurm.folder import PREFIX
from bench.running.places.slurm_place import SlurmPlace, read
from bench.running.progress.listening import Silence
from bench.running.runner import run_jobs
from bench.running.supervisor import Limits
from bench.running.travel import parcel
from bench.running.travel.identity import identity
from protocol.errors import ProtocolError, RecbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from slurm_cluster import SlurmCluster

    from bench.records.record import Record
    from bench.running.plan import Job
    from bench.running.progress.listening import Progress

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

LOSES = """
import os, signal, subprocess, sys, time
from pathlib import Path
import numpy as np
import psutil

def element():
    # The worker, not the job: the process of Slurm's that all of this runs below.
    return next(one for one in psutil.Process().parents() if any("slurm.element" in word for word in one.cmdline()))

class Loses:
    def __init__(self, folder: str, how: str = "", times: int = 9):
        self.folder, self.how, self.times = Path(folder), how, times
    def fit(self, train, *, rng):
        mark = self.folder / f"{self.how}-{os.getpid()}-{time.monotonic_ns()}"
        mark.write_text(os.environ.get("SLURMD_NODENAME", ""))
        if self.how == "sleeps":
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(601)"], start_new_session=True)
            time.sleep(600)
        while self.how == "waits" and not (self.folder / "go").exists():
            time.sleep(0.02)
        if self.how == "raises":
            raise ValueError("not today")
        if self.how == "killed" and len([*self.folder.glob("killed-*")]) <= self.times:
            element().kill()
            time.sleep(600)
        self.scores = np.bincount(train.items, minlength=train.n_items)
        return self
    def score(self, users, items):
        return self.scores[items]
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    folder = tmp_path_factory.mktemp("slurm") / "cluster"
    with slurm_cluster(folder, n_nodes=2) as cluster, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", cluster.environment["SLURM_CONF"])
        patch.setattr(watching, "LOOK_SECONDS", 0.5)
        yield cluster


def run(jobs: list[Job], folder: Path, on: str = "", **options: Any) -> list[Record]:
    return run_jobs(jobs, Store(folder), timeout=60.0, progress=Silence(), place=read(on), **options)


def opened(jobs: list[Job], folder: Path, progress: Progress | None = None, on: str = "") -> SlurmPlace:
    place = read(on)
    folder.mkdir(exist_ok=True)
    place.open(run_of(jobs, folder, progress))
    return place


def run_of(jobs: list[Job], folder: Path, progress: Progress | None = None) -> RunOfJobs:
    return RunOfJobs(jobs, Limits(60.0, None), progress or Silence(), FolderView.of(folder, folder), folder)


class Told(Silence):
    """Keeps what the user is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def explained(self, reason: str) -> None:
        self.texts.append(reason)


def left_processes(cluster: SlurmCluster) -> list[psutil.Process]:
    return [one for one in cluster.processes() if "import time; time.sleep(601)" in _command(one)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_run_gives_what_it_gives_here(
    cluster: SlurmCluster, plan: Plan, plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost worker is made up for by another one on another node, and a failure is a row as it is here."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    file = plugin(LOSES)
    names = ["ease"] + [f"loses:folder={tmp_path},how={how}" for how in ("raises", "killed,times=1")]
    jobs = plan(names, [file], elsewhere=True)
    found = run(jobs, tmp_path / "there", "partition=main", keep_models=True)
    with jobs_here():
        same = plan(["ease", f"loses:folder={tmp_path},how="], [file])
        here = run_jobs(same, Store(tmp_path / "here"), timeout=60.0, progress=Silence())
    for one, other in zip([found[0], found[2]], here, strict=True):
        assert one.ranks is not None
        assert other.ranks is not None
        np.testing.assert_array_equal(one.ranks.n_better, other.ranks.n_better)
    assert found[1].failure is not None
    assert found[1].failure.message == "ValueError: not today"
    assert {one.usage.at_once for one in found if one.usage} <= {1, 2, 3, 4}
    assert found[0].document["model"]["files"]
    assert len({path.read_text() for path in tmp_path.glob("killed-*")}) == 2
    assert [record.key for record in Store(tmp_path / "there").documents()]
    assert [*(tmp_path / "there").glob(f"{PREFIX}*")] == []
    assert cluster.jobs() == []


def test_a_run_that_is_stopped_leaves_nothing(
    cluster: SlurmCluster, plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    jobs = plan([f"loses:folder={tmp_path},how=sleeps"], [plugin(LOSES)], seeds=range(3), elsewhere=True)
    place = opened(jobs, tmp_path / "results")
    futures = [place.submit(job) for job in jobs]
    wait_until(lambda: len(left_processes(cluster)) >= 2)
    place.stop()
    assert cluster.jobs() == []
    place.close()
    assert all(isinstance(future.exception(), KeyboardInterrupt) for future in futures)
    wait_until(lambda: not left_processes(cluster))
    assert [*(tmp_path / "results").iterdir()] == []


def test_a_drained_node_ends_its_job_and_one_that_is_down_costs_a_try_elsewhere(
    cluster: SlurmCluster, plan: Plan, plugin: Plugin, tmp_path: Path
) -> None:
    jobs = plan([f"loses:folder={tmp_path},how=waits"], [plugin(LOSES)], seeds=(0, 1), elsewhere=True)
    told = Told()
    seen: set[Path] = set()
    place = opened(jobs, tmp_path / "results", told)

    def begun() -> Path:
        """Return the mark of the job that has begun since the last call; it holds the name of the node."""
        wait_until(lambda: set(tmp_path.glob("waits-*")) - seen)
        (mark,) = set(tmp_path.glob("waits-*")) - seen
        seen.add(mark)
        wait_until(mark.read_text)
        return mark

    def set_node(name: str, state: str) -> None:
        cluster.command("scontrol", "update", f"nodename={name}", f"state={state}", "reason=test")

    try:
        kept = place.submit(jobs[0])
        drained = begun().read_text()
        set_node(drained, "drain")
        lost = place.submit(jobs[1])
        down = begun().read_text()
        set_node(drained, "resume")
        set_node(down, "down")
        assert [down, begun().read_text()] == [*{*cluster.nodes} - {drained}, drained]
        (tmp_path / "go").touch()
        assert [future.result(60.0).record.failure for future in (kept, lost)] == [None, None]
    finally:
        place.stop()
        place.close()
        for name in cluster.nodes:
            with contextlib.suppress(subprocess.CalledProcessError):
                set_node(name, "resume")
        cluster.wait_until_idle()
    (text,) = told.texts
    assert re.search(rf", seed 1 is tried again: its Slurm job on {down} was lost \(its node failed", text)


def test_what_a_killed_run_had_finished_is_not_done_again(
    cluster: SlurmCluster, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, results = plan(["popularity"], elsewhere=True), tmp_path / "results"
    killed = opened(jobs, results)
    found = killed.submit(jobs[0]).result(60.0).record
    (path,) = results.glob(f"{PREFIX}*")
    assert not [*path.rglob("*.pkl")]
    about = json.loads((path / "driver.json").read_text())
    (path / "driver.json").write_text(json.dumps({**about, "started": 0.0}))
    monkeypatch.setattr("bench.running.places.slurm.sending.send", _sends_nothing)
    (record,) = run(jobs, results)
    killed.close()
    assert record.ranks is not None
    assert found.ranks is not None
    np.testing.assert_array_equal(record.ranks.n_better, found.ranks.n_better)
    assert [*results.glob(f"{PREFIX}*")] == []


def _sends_nothing(*_: object) -> None:
    raise AssertionError("the job is done")


def test_a_worker_with_other_code_is_refused(
    cluster: SlurmCluster, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = identity()
    other = structs.replace(ours, versions={**ours.versions, "numpy": "1.0"})
    monkeypatch.setattr(parcel, "identity", lambda: other)
    message = rf"numpy is 1\.0 .* and {ours.versions['numpy']} "
    with pytest.raises(ProtocolError, match=message):
        run(plan(["popularity"], elsewhere=True), tmp_path / "results")


def test_all_jobs_run_on_one_kind_of_machine(cluster: SlurmCluster, plan: Plan, tmp_path: Path) -> None:
    cluster.kill("node1")
    cluster.start("node1", "taskset", "--cpu-list", "0")
    cluster.wait_until_idle()
    place = read("")
    place.same_machine = True
    jobs = plan(["random"], seeds=range(3), elsewhere=True)
    told = Told()
    records = run_jobs(jobs, Store(tmp_path), timeout=60.0, progress=told, place=place)
    assert any(" gets no jobs: " in text for text in told.texts)
    assert not any(record.failed for record in records)
    assert len({record.environment.cores for record in records}) == 1
    cluster.kill("node1")
    cluster.start("node1")


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("partition=nope", "Slurm refuses the jobs: invalid partition specified: nope"),
        ("gpus=1", "Slurm refuses the jobs: Invalid generic resource"),
        (f"cpus={(os.cpu_count() or 1) + 1}", "Slurm refuses the jobs: .*configuration is not available"),
    ],
)
def test_what_slurm_refuses_is_said_in_its_words(
    on: str, message: str, cluster: SlurmCluster, plan: Plan, tmp_path: Path
) -> None:
    with pytest.raises(ProtocolError, match=message):
        run(plan(["popularity", "ease"], elsewhere=True), tmp_path / "results", on)
    assert [*(tmp_path / "results").glob(f"{PREFIX}*")] == []


def test_a_job_that_can_never_run_is_a_warning(cluster: SlurmCluster, plan: Plan, tmp_path: Path) -> None:
    jobs = plan(["popularity"], elsewhere=True)
    told = Told()
    place = opened(jobs, tmp_path / "results", told, on="partition=short")
    place.submit(jobs[0])
    wait_until(lambda: told.texts)
    assert re.match(r"Slurm holds jobs back \(Partition(TimeLimit|Config)\)", told.texts[0])
    place.stop()
    place.close()


@pytest.mark.parametrize("name", ["100%j", "a\\b"])
def test_a_folder_that_slurm_reads_as_a_pattern_is_refused(name: str, plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"Slurm cannot write to .*, which has '.*' in its name; choose another"):
        run(plan(["popularity"], elsewhere=True), tmp_path / name)


def test_without_slurm_a_run_says_what_is_missing(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PlaceLostError, match="this machine has no sbatch, squeue, scancel, scontrol"):
        run(plan(["popularity"], elsewhere=True), tmp_path / "results")


def test_without_the_extra_a_run_says_how_to_add_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slurm_place.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RecbenchError, match=r"submitit, which is not installed; .*slurm"):
        read("")

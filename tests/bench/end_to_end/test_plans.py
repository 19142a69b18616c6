"""`recbench plan`, `work` and `collect`: the jobs of a run for a scheduler of the user's own."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until

import bench
from bench.cli.main import main
from bench.machine.environment import describe_environment
from bench.records.conditions import jobs_at_once
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.records.store import Store
from bench.running.travel.bundle import bundle
from bench.running.travel.parcel import Unpacking, read_parcel
from bench.running.travel.plan_folder import PlanFolder
from protocol.errors import ProtocolError, RecbenchError, RecbenchWarning

DATA = "synthetic:60x80x900"

NOTING = """
import os
from pathlib import Path

class Noting:
    def __init__(self, notes: str = ""):
        self.notes = notes
    def fit(self, train, *, rng):
        with open(self.notes, "a") as notes:
            notes.write(f"{rng.integers(10**9)}\\n")
        import time
        time.sleep(0.3)
        return self
    def score(self, users, items):
        return -items * 1.0
"""


READING = """
class Reading:
    deterministic = True
    def fit(self, train, *, rng):
        with open("values.txt") as file:
            self.factor = float(file.read())
        return self
    def score(self, users, items):
        return -items * self.factor
"""


@pytest.fixture(autouse=True)
def _no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"):
        monkeypatch.delenv(name, raising=False)


def planned(tmp_path: Path, *names: str, **options: Any) -> Path:
    bench.plan(DATA, names or ["popularity", "als:epochs=1"], negatives=20, out=tmp_path / "plan", **options)
    return tmp_path / "plan"


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("how", [{"patience": 2, "seeds": "0-1"}, {"repeat_splits": 2, "split": "random:0"}])
def test_the_table_is_that_of_a_run(tmp_path: Path, how: dict[str, Any]) -> None:
    folder = planned(tmp_path, labels="als:epochs=1=ALS (ours)", **how)
    assert all(each.is_done for each in bench.work(folder))
    there = bench.collect(folder, k=5)
    assert {jobs_at_once(record) for record in there.records} == {None}
    ours = {"labels": "als:epochs=1=ALS (ours)", "threads": 1, "out": tmp_path / "run", "quiet": True, "k": 5}
    here = bench.run(DATA, ["popularity", "als:epochs=1"], negatives=20, **ours, **how)
    columns = [name for name in here.frame.columns if "@" in name]
    assert columns
    assert there.frame[columns].equals(here.frame[columns])
    assert [record.key for record in there.records] == [record.key for record in here.records]
    # Collected again, into the records of the run: nothing is another task's, and nothing is lost.
    assert len(bench.collect(folder, out=tmp_path / "run").records) == len(here.records)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("name", ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"])
def test_the_scheduler_says_the_index(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = planned(tmp_path)
    monkeypatch.setenv(name, "1")
    (worked,) = bench.work(folder)
    assert (worked.index, worked.title) == (1, "als:epochs=1, seed 0")
    assert worked.said.startswith("NDCG@10 ")
    (again,) = bench.work(folder)
    assert (again.said, again.is_done) == ("its record is there already", True)
    assert [each.index for each in bench.work(folder, "all")] == [0]
    monkeypatch.setenv(name, "x")
    with pytest.raises(ProtocolError, match="index: 'x' is no index of a job; write a whole number from 0 on, or all"):
        list(bench.work(folder))


@pytest.mark.usefixtures("in_this_process")
def test_what_is_missing_is_said_with_the_command_that_runs_it(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    drafts = [folder / "done" / f".{index}.bundle-{'a1' * 8}" for index in (0, 1)]
    drafts[0].touch()
    with pytest.raises(RecbenchError, match="has no record yet: it lacks 2 of 2 records"):
        bench.collect(folder)
    drafts[1].touch()
    list(bench.work(folder, 0))
    assert not any(draft.exists() for draft in drafts), "what killed processes left"
    with pytest.warns(RecbenchWarning, match=rf"lacks 1 of 2 records: 1 \(als.*\); `recbench work {folder} --index 1`"):
        assert len(bench.collect(folder).records) == 1
    list(bench.work(folder))
    place = PlanFolder(folder).place_of(1)
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.warns(RecbenchWarning, match=r"1 \(als:epochs=1, seed 0: a record was damaged on its way"):
        bench.collect(folder)


@pytest.mark.usefixtures("in_this_process")
def test_a_record_of_another_job_is_never_collected(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    list(bench.work(folder))
    plan = PlanFolder(folder)
    plan.place_of(0).write_bytes(plan.place_of(1).read_bytes())
    with pytest.warns(RecbenchWarning, match="the record of popularity that came back is of something else: its key"):
        assert len(bench.collect(folder).records) == 1


@pytest.mark.usefixtures("in_this_process")
def test_another_code_collects_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msgspec import structs

    from bench.running.travel import collecting, identity

    folder = planned(tmp_path)
    list(bench.work(folder))
    other = structs.replace(identity.identity(), versions={**identity.identity().versions, "numpy": "0.1"})
    monkeypatch.setattr(collecting, "identity", lambda: other)
    with pytest.raises(RecbenchError, match=r"numpy is .* where the plan was made .* and 0\.1 here"):
        bench.collect(folder)


@pytest.mark.usefixtures("in_this_process")
def test_models_come_along(tmp_path: Path) -> None:
    folder = planned(tmp_path, "popularity", keep_models=True)
    list(bench.work(folder))
    (record,) = bench.collect(folder).records
    assert record.model is not None
    assert record.model.changed_in(Store(folder / "results").folder_of(record)) == []


@pytest.mark.usefixtures("in_this_process")
def test_the_command_line_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text(NOTING.replace("import time\n", "raise ValueError('not today')\n"))
    data = ["--dataset", DATA, "--negatives", "20", "--plugin", "bad.py", "-r", "popularity", "-r", "noting:notes=n"]
    assert main(["plan", "--out", "p", *data]) == 0
    assert "sbatch --array=0-1 --wrap 'recbench work p'" in capsys.readouterr().out
    assert main(["collect", "p"]) == 2
    assert main(["work", "p", "--index", "7"]) == 2
    assert "p has the jobs 0 to 1, found the index 7" in capsys.readouterr().err
    assert main(["work", "p", "--index", "0"]) == 0
    assert "[0] popularity: NDCG@10" in capsys.readouterr().err
    assert main(["collect", "p"]) == 1, "one is missing"
    assert main(["work", "p"]) == 0, "a failure is a record, too"
    assert "FAILED: ValueError: not today" in capsys.readouterr().err
    assert main(["collect", "p"]) == 1
    said = capsys.readouterr().err
    assert "failed: 1 job (1); tracebacks" in said
    assert "to run job 1 again, remove p/done/1.bundle, then `recbench work p --index 1`" in said
    assert main(["work", "elsewhere"]) == 2
    assert "elsewhere holds no plan" in capsys.readouterr().err


def test_a_plugin_is_found_where_the_plan_is_named_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job starts in another folder: only a process of its own shows this."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noting.py").write_text(NOTING)
    notes = tmp_path / "notes"
    bench.plan(DATA, f"noting:notes={notes}", plugins="noting.py", negatives=20, out="p")
    (worked,) = bench.work("p")
    assert worked.said.startswith("NDCG@10 ")
    assert not bench.collect("p").records[0].failed


@pytest.mark.usefixtures("in_this_process")
def test_a_failure_does_not_replace_the_figures_of_an_earlier_run(tmp_path: Path) -> None:
    folder = planned(tmp_path, "popularity")
    list(bench.work(folder))
    (good,) = bench.collect(folder).records
    plan = PlanFolder(folder)
    job = Unpacking(plan.blobs, describe_environment()).job(read_parcel(plan.parcel(0)))
    failure = failed_record(job.document, Failure("timeout", "stopped after 0.001 s", 0.001))
    plan.keep(0, bundle(failure))
    with pytest.warns(RecbenchWarning, match="popularity failed in the plan .*these are kept"):
        (kept,) = bench.collect(folder).records
    assert (kept.key, kept.failed) == (good.key, False)
    assert Store(folder / "results").find(good.key).contents == good.contents


@pytest.mark.usefixtures("in_this_process")
def test_a_failure_on_another_processor_gives_way_to_figures(tmp_path: Path) -> None:
    folder = planned(tmp_path, "ease")
    plan = PlanFolder(folder)
    job = Unpacking(plan.blobs, describe_environment()).job(read_parcel(plan.parcel(0)))
    there = replace(job, environment={**job.environment, "instructions": "those of another processor"})
    assert there.key != job.key
    plan.keep(0, bundle(failed_record(there.document, Failure("timeout", "stopped after 0.001 s", 0.001))))
    assert [record.key for record in bench.collect(folder).records] == [there.key]
    plan.place_of(0).unlink()
    list(bench.work(folder))
    assert [record.key for record in bench.collect(folder).records] == [job.key]
    assert [record.key for record in Store(folder / "results").documents()] == [job.key]


@pytest.mark.usefixtures("in_this_process")
def test_what_is_no_record_of_the_job_is_put_aside_and_the_job_runs_again(tmp_path: Path) -> None:
    folder = planned(tmp_path)
    list(bench.work(folder))
    plan = PlanFolder(folder)
    plan.place_of(0).write_bytes(plan.place_of(1).read_bytes())
    with pytest.warns(RecbenchWarning, match="work .* --index 0` runs the job 0"):
        bench.collect(folder)
    assert (folder / "done" / "0.refused").exists()
    (again,) = bench.work(folder, 0)
    assert again.said.startswith("NDCG@10 ")
    assert len(bench.collect(folder).records) == 2


def test_where_it_is_collected_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug-in read a file of the folder in which `recbench work` was called."""
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    Path("values.txt").write_text("1.0\n")
    plugin = tmp_path / "reading.py"
    plugin.write_text(READING)
    folder = planned(tmp_path, "reading", plugins=str(plugin))
    list(bench.work(folder))
    monkeypatch.chdir(tmp_path)
    (record,) = bench.collect(folder).records
    assert not record.failed, record.failure


@pytest.mark.usefixtures("in_this_process")
def test_a_name_that_a_row_was_given_stays(tmp_path: Path) -> None:
    folder = planned(tmp_path, "popularity")
    list(bench.work(folder))
    bench.collect(folder)
    options = {"threads": 1, "out": folder / "results", "quiet": True, "labels": "popularity=Nice"}
    bench.run(DATA, "popularity", negatives=20, **options)
    bench.collect(folder)
    assert list(bench.table(folder / "results").frame.index) == ["Nice"]


@pytest.mark.usefixtures("in_this_process")
def test_a_plan_made_again_on_another_machine_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msgspec import structs

    from bench.running.travel import identity, plan_folder

    folder = planned(tmp_path)
    list(bench.work(folder))
    there = structs.replace(identity.identity(), host="login2")
    monkeypatch.setattr(plan_folder, "identity", lambda: there)
    planned(tmp_path)
    assert len(bench.collect(folder).records) == 2
    with pytest.raises(ProtocolError, match="holds another plan already"):
        planned(tmp_path, "random")


@pytest.mark.usefixtures("in_this_process")
def test_a_disk_without_room_is_said_before_a_job_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = planned(tmp_path)
    usage = shutil.disk_usage(folder)
    with monkeypatch.context() as full:
        full.setattr("bench.running.travel.working.shutil.disk_usage", lambda _: usage._replace(free=2**20))
        said = [each.said for each in bench.work(folder)]
    assert said == [f"not run: the disk of {folder} has 1 MiB free, expected 32 MiB"] * 2
    with monkeypatch.context() as full:
        full.setattr(PlanFolder, "keep", refuse_to_write)
        said = [each.said for each in bench.work(folder)]
    assert said == [f"not run: {folder} cannot be written: No space left on device"] * 2
    assert all(each.is_done for each in bench.work(folder))


def refuse_to_write(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.usefixtures("in_this_process")
def test_all_waits_for_what_others_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process holds the job while this one looks twice, and ends without a record."""
    folder = planned(tmp_path)
    claim = PlanFolder(folder).claimed(1)
    claim.__enter__()
    looks = []

    def wait(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            claim.__exit__(None, None, None)

    monkeypatch.setattr("bench.actions.work.time.sleep", wait)
    assert [(each.index, each.is_done) for each in bench.work(folder)] == [(0, True), (1, True)]
    assert len(looks) == 2


@pytest.mark.usefixtures("in_this_process")
def test_a_plan_does_not_go_among_other_files(tmp_path: Path) -> None:
    bench.run(DATA, "popularity", negatives=20, threads=1, out=tmp_path / "plan", quiet=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ProtocolError, match=r"holds manifest\.json and no plan; name a new folder with --out"):
        planned(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
    (tmp_path / "file").touch()
    with pytest.raises(ProtocolError, match="is no folder; name a new one with --out"):
        bench.plan(DATA, "popularity", negatives=20, out=tmp_path / "file")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_many_share_a_plan_and_a_killed_one_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "noting.py").write_text(NOTING)
    notes, n_jobs = tmp_path / "notes", 4
    recommender = f"noting:notes={notes}"
    folder = planned(tmp_path, recommender, plugins=str(tmp_path / "noting.py"), seeds=range(n_jobs))

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bench", "work", str(folder), "--index", "all"]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=tmp_path, env={**os.environ, **path})

    path = {"PYTHONPATH": str(Path(bench.__file__).parents[1])}
    first, second = start(), start()
    wait_until(lambda: notes.exists() and len(notes.read_text().splitlines()) >= 2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    third = start()
    assert (second.wait(), third.wait()) == (0, 0)
    assert PlanFolder(folder).missing == []
    assert len(bench.collect(folder).records) == n_jobs
    fitted = notes.read_text().splitlines()
    assert len(set(fitted)) == n_jobs
    assert len(fitted) <= n_jobs + 1, "the job that was killed is the only one that may run twice"

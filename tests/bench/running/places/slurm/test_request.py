"""What each job gets from Slurm: room above the limits that recbench keeps itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.running.folder_view import FolderView
from bench.running.places.place import RunOfJobs
from bench.running.places.slurm.request import Request, limits_within, request_of
from bench.running.places.slurm.wishes import Wishes, read_wishes
from bench.running.progress.listening import Silence
from bench.running.supervisor import Limits
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]

GIB = 2**30


def run_of(plan: Plan, seconds: float = 3600.0, memory: int | None = None, **options: Any) -> RunOfJobs:
    folder = Path.cwd()
    jobs = plan(["popularity"], threads=options.pop("threads", 1))
    return RunOfJobs(jobs, Limits(seconds, memory), Silence(), FolderView.of(folder, folder / "x"), folder, **options)


def test_slurm_gives_more_time_than_recbench(plan: Plan) -> None:
    assert request_of(Wishes(), run_of(plan, 3600.0)).time == 65
    assert request_of(Wishes(), run_of(plan, 30.0)).time == 6
    # A model may take ten minutes to be saved.
    assert request_of(Wishes(), run_of(plan, 3600.0, models=Path())).time == 75
    assert request_of(Wishes(time=90), run_of(plan)).time == 90


def test_too_little_time_says_how_much_is_needed(plan: Plan) -> None:
    message = r"time=60 \(minutes\) is too short: .* write time=65 or more, or --timeout 3300 or less"
    with pytest.raises(ProtocolError, match=message):
        request_of(Wishes(time=60), run_of(plan))
    with pytest.raises(ProtocolError, match=r"write time=65 or more$"):
        request_of(Wishes(time=5), run_of(plan))


def test_slurm_gives_more_memory_than_recbench(plan: Plan) -> None:
    assert request_of(Wishes(), run_of(plan)).memory is None
    assert request_of(Wishes(), run_of(plan, memory=4 * GIB)).memory == 4 * GIB + GIB // 2
    assert request_of(Wishes(memory=8 * GIB), run_of(plan, memory=4 * GIB)).memory == 8 * GIB
    with pytest.raises(ProtocolError, match=r"mem=4 GiB is less than a job may take: 4.5 GiB"):
        request_of(Wishes(memory=4 * GIB), run_of(plan, memory=4 * GIB))


def test_recbench_stops_a_job_before_slurm_does() -> None:
    assert limits_within(Wishes(memory=4 * GIB), Limits(5.0, None)) == Limits(5.0, 4 * GIB - GIB // 2)
    assert limits_within(Wishes(memory=GIB // 2), Limits(5.0, None)) == Limits(5.0, GIB // 4)
    assert limits_within(Wishes(), Limits(5.0, None)) == Limits(5.0, None)
    assert limits_within(Wishes(memory=4 * GIB), Limits(5.0, GIB)) == Limits(5.0, GIB)


def test_a_job_gets_a_core_for_each_thread(plan: Plan) -> None:
    assert request_of(Wishes(), run_of(plan, threads=3)).cpus == 3
    assert request_of(Wishes(cpus=4), run_of(plan, threads=3)).cpus == 4
    with pytest.raises(ProtocolError, match=r"cpus=2 is less than the 3 threads of a job; give --threads 2"):
        request_of(Wishes(cpus=2), run_of(plan, threads=3))


def test_submitit_gets_all_that_is_asked_for() -> None:
    request = Request(read_wishes("partition=gpu,exclude=n1,exclusive=yes"), cpus=2, time=30, memory=GIB + 1)
    assert request.parameters(["n3", "n2"]) == {
        "partition": "gpu",
        "exclude": "n1,n2,n3",
        "exclusive": True,
        "cpus_per_task": 2,
        "time": 30,
        "mem": "1025M",
        "use_srun": False,
        "additional_parameters": {"no-requeue": True},
    }


def test_a_limit_is_said_in_words() -> None:
    assert Request(Wishes(), 1, 30, None).limit_text("timeout") == "30 minutes"
    assert Request(Wishes(), 1, 30, GIB).limit_text("memory") == "1 GiB"
    assert Request(Wishes(), 1, 30, None).limit_text("memory") == "that of the cluster"

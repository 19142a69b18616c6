"""A plan on disk: whoever works on it, each record is there once and whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.running.supervisor import Limits
from bench.running.travel import plan_folder
from bench.running.travel.bundle import unbundled
from bench.running.travel.plan_folder import PlanFolder
from bench.running.travel.working import work_on
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job
    from bench.running.travel.answer import Answer

    Plan = Callable[..., list[Job]]

LIMITS = Limits(60.0, None)


@pytest.fixture
def planned(plan: Plan, tmp_path: Path, in_this_process: None) -> PlanFolder:
    jobs = plan(["popularity", "als:epochs=1"], seeds=(0, 1))
    return PlanFolder.write(tmp_path / "plan", {"": jobs}, LIMITS, keeps_models=False)


def worked(folder: PlanFolder, index: int) -> Answer:
    answer = work_on(folder, index)
    assert not isinstance(answer, str)
    return answer


def test_each_index_is_one_job_and_done_once(planned: PlanFolder) -> None:
    assert [job.title for job in planned.jobs] == ["popularity", "als:epochs=1, seed 0", "als:epochs=1, seed 1"]
    assert planned.missing == [0, 1, 2]
    record, _ = unbundled(worked(planned, 1).bundle)
    assert (record.recommender.name, record.seed) == ("als", 0)
    assert PlanFolder(planned.folder).missing == [0, 2]
    assert work_on(planned, 1) == "done"


def test_a_job_that_another_process_runs_is_left_to_it(planned: PlanFolder) -> None:
    with PlanFolder(planned.folder).claimed(0) as is_ours:
        assert is_ours
        assert work_on(planned, 0) == "claimed"
    assert worked(planned, 0).kind == "done"


@pytest.mark.parametrize("damage", [lambda one: one[:-1], lambda one: bytes([one[0] ^ 1]) + one[1:]])
def test_a_damaged_record_is_made_again(planned: PlanFolder, damage: Any) -> None:
    worked(planned, 0)
    place = planned.place_of(0)
    place.write_bytes(damage(place.read_bytes()))
    assert planned.missing == [0, 1, 2]
    assert worked(planned, 0).kind == "done"
    assert planned.missing == [1, 2]


def test_a_record_is_read_once_however_often_it_is_asked_for(
    planned: PlanFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(planned, 0)
    folder, reads, real = PlanFolder(planned.folder), [], plan_folder.read_file

    def read(path: Path) -> bytes:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(plan_folder, "read_file", read)
    for _ in range(3):
        assert folder.missing == [1, 2]
    assert reads.count(folder.place_of(0)) == 1


def test_drafts_are_cleared_unless_their_writer_lives(planned: PlanFolder) -> None:
    done = planned.folder / "done"
    drafts = [done / f".{index}.bundle-{'a1' * 8}" for index in (0, 1)]
    others = [done / "0.refused", done / ".0.bundle-of-mine"]
    for path in (*drafts, *others):
        path.touch()
    with PlanFolder(planned.folder).claimed(1):
        planned.clear_drafts()
        assert sorted(done.iterdir()) == sorted([drafts[1], *others])
    planned.clear_drafts()
    assert sorted(done.iterdir()) == sorted(others)


def test_the_same_plan_written_again_keeps_what_is_done_and_another_one_is_refused(
    planned: PlanFolder, plan: Plan
) -> None:
    worked(planned, 0)
    jobs = plan(["popularity", "als:epochs=1"], seeds=(0, 1))
    assert PlanFolder.write(planned.folder, {"": jobs}, LIMITS, keeps_models=False).missing == [1, 2]
    for others, limits in ((jobs[:1], LIMITS), (jobs, Limits(61.0, None))):
        with pytest.raises(ProtocolError, match="holds another plan already; name a new folder with --out"):
            PlanFolder.write(planned.folder, {"": others}, limits, keeps_models=False)


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_an_index_that_no_job_has_names_those_that_there_are(planned: PlanFolder, index: int) -> None:
    with pytest.raises(ProtocolError, match=rf"has the jobs 0 to 2, found the index {index}; .*--array=0-2"):
        work_on(planned, index)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plan: plan.unlink(), "holds no plan .*`recbench plan --out"),
        (lambda plan: plan.write_text("{"), "holds no plan"),
        (lambda plan: plan.write_text("[]"), "is no plan of recbench"),
        (
            lambda plan: plan.write_text(plan.read_text().replace('"form": 1', '"form": 2')),
            "form 2, expected 1",
        ),
        (lambda plan: plan.write_text(plan.read_text().replace('"sha256"', '"sha"')), "is damaged"),
        (
            lambda plan: plan.write_text(json.dumps({**json.loads(plan.read_text()), "jobs": []})),
            r"is damaged \(it lists no job",
        ),
    ],
)
def test_what_is_no_plan_is_an_error(planned: PlanFolder, change: Any, said: str) -> None:
    change(planned.folder / "plan.json")
    with pytest.raises(ProtocolError, match=said):
        PlanFolder(planned.folder)


def test_a_specification_that_was_changed_is_never_run(planned: PlanFolder) -> None:
    path = planned.folder / "parcels" / "0.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "seed": 7}))
    with pytest.raises(ProtocolError, match=r"0\.json is damaged: its SHA-256 is another one"):
        work_on(planned, 0)
    path.unlink()
    with pytest.raises(ProtocolError, match="there is no such file; make the plan again"):
        work_on(planned, 0)


@pytest.mark.parametrize("place", ["../elsewhere", "/elsewhere", "a/../../b"])
def test_records_stay_within_the_results(planned: PlanFolder, place: str) -> None:
    path = planned.folder / "plan.json"
    document = json.loads(path.read_text())
    document["jobs"][0]["folder"] = place
    path.write_text(json.dumps(document))
    with pytest.raises(ProtocolError, match=r"is damaged .* is no folder within the results"):
        PlanFolder(planned.folder)

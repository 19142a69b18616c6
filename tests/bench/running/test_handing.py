"""A job gets each part of its data once and in order: candidates only after it has fitted (P12)."""

from __future__ import annotations

import copy
import errno
import json
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.running import handing, packing, supply
from bench.running.channel import receive
from bench.running.handing import Handing, TrainingData, parts_of
from bench.running.packing import pack
from bench.running.supply import AskedFor
from protocol import types
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.running.plan import Job
    from protocol.tasks.task import Task

    Plan = Callable[..., list[Job]]
    Handed = Callable[[Job], tuple[AskedFor, Handing]]


@pytest.fixture
def handed() -> Iterator[Handed]:
    """Return a function that connects a job's supply with the run, in one process."""
    ours, theirs = socket.socketpair()
    training = TrainingData()

    def connect(job: Job) -> tuple[AskedFor, Handing]:
        answering = Handing(job, {"out": "here"}, training, ours)
        answers: SimpleQueue[Any] = SimpleQueue()

        def ask(part: Any) -> None:
            answering.answer(part)
            answers.put(receive(theirs))

        return AskedFor(ask, answers.get), answering

    with ours, theirs:
        yield connect
    training.close()


def assert_same_task(found: Task, expected: Task) -> None:
    assert found.digest == expected.digest
    assert found.candidates.digest == expected.candidates.digest
    for name, array in expected.evaluation_arrays.items():
        np.testing.assert_array_equal(found.evaluation_arrays[name], array)
    assert found.about == json.loads(json.dumps(expected.about))


def test_a_job_gets_its_data_part_by_part(plan: Plan, handed: Handed, task: Task, validation: Task) -> None:
    (job,) = plan(["als:epochs=2"], patience=1)
    asked, answering = handed(job)
    assert parts_of(job) == ("spec", "validation", "train", "candidates")
    assert asked.spec() == {"out": "here"}
    assert_same_task(asked.validation(), validation)
    train = asked.train()
    for name, array in task.train.arrays.items():
        np.testing.assert_array_equal(train.arrays[name], array)
    assert train.sizes == task.train.sizes
    assert_same_task(asked.task(), task)
    assert list(answering.asked_at) == list(parts_of(job))
    assert sorted(answering.asked_at.values()) == list(answering.asked_at.values())


def test_a_search_never_gets_what_comes_after_the_validation_task(plan: Plan, validation: Task) -> None:
    assert parts_of(plan(["als"], patience=1, task=validation)[0]) == ("spec", "validation")
    assert parts_of(plan(["ease"])[0]) == ("spec", "train", "candidates")


@pytest.mark.parametrize("parts", [["candidates"], ["spec", "candidates"], ["spec", "train", "train"], ["validation"]])
def test_what_is_not_due_is_refused(plan: Plan, handed: Handed, parts: list[str]) -> None:
    asked, answering = handed(plan(["ease"])[0])
    for part in parts[:-1]:
        asked._get(part)  # type: ignore[arg-type]
    with pytest.raises(RecbenchError, match="the next one is"):
        asked._get(parts[-1])  # type: ignore[arg-type]
    assert "candidates" not in answering.asked_at


def test_a_built_in_that_begins_anew_gets_its_spec_again_once(plan: Plan, handed: Handed) -> None:
    asked, _ = handed(plan(["ease"])[0])
    assert asked.spec() == asked.spec()
    with pytest.raises(RecbenchError, match="the next one is 'train'"):
        asked.spec()


def test_a_plugin_gets_its_spec_once(plan: Plan, handed: Handed, plugin: Callable[[str], str]) -> None:
    path = plugin("class Mine:\n    def fit(self, train, *, rng): ...\n    def score(self, users, items): ...\n")
    asked, _ = handed(plan(["mine"], [path])[0])
    asked.spec()
    with pytest.raises(RecbenchError, match="the next one is 'train'"):
        asked.spec()


def test_until_they_are_asked_for_candidates_are_in_no_file(
    plan: Plan, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P12: and the run closes its own file of them at once."""
    packed: list[Any] = []

    def noted(arrays: Any) -> Any:
        packed.append((sorted(arrays), pack(arrays)))
        return packed[-1][1]

    monkeypatch.setattr(handing, "pack", noted)
    asked, _ = handed(plan(["ease"])[0])
    asked.spec()
    asked.train()
    assert [names for names, _ in packed] == [["items", "known_items", "known_users", "timestamps", "users"]]
    asked.task()
    assert "heldout" in packed[1][0]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(packed[1][1].descriptor)


def test_jobs_of_one_task_share_one_file(plan: Plan) -> None:
    training = TrainingData()
    one, two = plan(["ease", "popularity"])
    assert training.of(one.task) is training.of(two.task)
    training.close()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs Linux")
def test_training_interactions_are_mapped_and_not_read(
    plan: Plan, handed: Handed, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: object) -> None:
        raise AssertionError("they are read")

    first, _ = handed(plan(["ease"])[0])
    first.spec()
    first.train()
    monkeypatch.setattr(packing, "_chunks", unread)
    monkeypatch.setattr(types, "_in_order", unread)
    second, _ = handed(plan(["ease"])[0])
    second.spec()
    train = second.train()
    np.testing.assert_array_equal(train.users, task.train.users)
    assert not train.users.flags.writeable
    assert list(train.user_ids) == list(task.train.user_ids)


def test_other_candidates_than_those_of_the_task_are_refused(
    plan: Plan, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, _ = handed(plan(["ease"])[0])
    asked.spec()
    asked.train()
    unpack = supply.unpack

    def changed(*given: Any) -> Any:
        arrays = unpack(*given)
        return {**arrays, "heldout": arrays["heldout"][::-1].copy()}

    monkeypatch.setattr(supply, "unpack", changed)
    with pytest.raises(RecbenchError, match="are not those of its task"):
        asked.task()


def test_a_job_that_is_gone_is_no_error(plan: Plan) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        Handing(plan(["ease"])[0], {}, TrainingData(), ours).answer("spec")


def test_where_no_file_can_be_written_the_job_is_refused_and_does_not_wait(
    plan: Plan, handed: Handed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    asked, answering = handed(plan(["ease"])[0])
    asked.spec()
    monkeypatch.setattr(handing, "pack", full)
    with pytest.raises(RecbenchError, match="the part 'train' could not be written \\(No space left on device\\)"):
        asked.train()
    assert answering.refused is not None


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what is mapped")
def test_a_run_and_its_jobs_hold_the_training_interactions_once(plan: Plan, handed: Handed) -> None:
    """The run reads the file that its jobs map; a copy of a job or of the run would be other memory."""
    (job,) = plan(["popularity"])
    own = copy.copy(job.task.train)
    job = replace(job, task=replace(job.task, train=own))
    held = own.items
    asked, _ = handed(job)
    asked.spec()
    theirs = asked.train()
    assert own.items is not held
    np.testing.assert_array_equal(own.items, held)
    assert _file_of(own.items) == _file_of(theirs.items)


def _file_of(array: np.ndarray) -> str:
    """Return which file an array is mapped from, by its number; with it, pages are shared."""
    address = array.__array_interface__["data"][0]
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        first, last = (int(one, 16) for one in line.split()[0].split("-"))
        if first <= address < last:
            return line.split()[4]
    raise AssertionError("the array is mapped nowhere")

"""What cannot fit is refused with the figures; what is not known fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.running.foresight import room
from bench.running.foresight.need import may_matter, needs_of
from bench.running.foresight.own import own_bytes
from bench.running.foresight.room import NoRoomError, without_room

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]

GIB = 2**30
SOURCE = """
class Big:
    def __init__(self, gib: float = 1000.0):
        self.gib = gib
    def resources(self, facts):
        return None if self.gib < 0 else self.gib * 2**30
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items * 1.0
"""

MODULE = """
from torch import nn
class Pairs(nn.Module):
    def __init__(self, n_users: int, n_items: int, size: int = 8):
        super().__init__()
        self.users, self.items = nn.Embedding(n_users, size), nn.Embedding(n_items, size)
    def forward(self, users, items):
        return (self.users(users) * self.items(items)).sum(-1)
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder without earlier runs."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that says how many bytes are free."""
    return lambda n_bytes: monkeypatch.setattr(room, "free_bytes", lambda: n_bytes)


def test_all_fit_where_there_is_room(plan: Plan) -> None:
    assert without_room(plan(["popularity", "ease", "torch.mlp"]), limit=None) == {}


def test_what_cannot_fit_is_an_error_with_the_figures(plan: Plan, plugin: Plugin, free: Callable[[int], None]) -> None:
    free(23 * GIB)
    jobs = plan(["big:gib=41", "popularity"], [plugin(SOURCE)])
    said = r"^big:gib=41 needs 41 GiB for 80 items, 60 users and 840 interactions, 23 GiB are free; "
    with pytest.raises(NoRoomError, match=f"{said}leave it out or use --core; --go-on runs the others$"):
        without_room(jobs, limit=None)


def test_going_on_makes_it_a_failure_of_its_own(plan: Plan, plugin: Plugin, free: Callable[[int], None]) -> None:
    free(23 * GIB)
    big, other = plan(["big:gib=41", "popularity"], [plugin(SOURCE)])
    failures = without_room([big, other], limit=None, go_on=True)
    assert [*failures] == [big.key]
    assert failures[big.key].kind == "memory"
    assert failures[big.key].message.startswith("not started: big:gib=41 needs 41")


def test_what_is_not_known_fits(plan: Plan, plugin: Plugin, free: Callable[[int], None]) -> None:
    free(1)
    assert without_room(plan(["big:gib=-1"], [plugin(SOURCE)]), limit=1) == {}


def test_a_limit_is_compared_with_what_the_recommender_declares(plan: Plan, plugin: Plugin) -> None:
    (job,) = plan(["big:gib=0.5"], [plugin(SOURCE)])
    assert without_room([job], limit=GIB // 2) == {}
    with pytest.raises(NoRoomError, match=r"--memory allows 511 MiB; leave it out, raise --memory, or use --core"):
        without_room([job], limit=511 * 2**20)


def test_jobs_at_once_have_to_fit_together(plan: Plan, plugin: Plugin, free: Callable[[int], None]) -> None:
    free(5 * GIB)
    jobs = plan(["big:gib=2", "big:gib=3", "big:gib=1"], [plugin(SOURCE)])
    assert without_room(jobs, limit=None, at_once=1) == {}
    with pytest.raises(NoRoomError, match=r"2 jobs at once need 5\.\d+ GiB together \(big:gib=3 and big:gib=2\)"):
        without_room(jobs, limit=None, at_once=2)
    assert without_room(jobs[::2], limit=None, at_once=2) == {}


def test_they_share_the_interactions_of_their_task(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = plan(["mf", "bpr"])
    needs = [one.n_bytes or 0 for one in needs_of(jobs).values()]
    monkeypatch.setattr(room, "shared_bytes", lambda _: min(needs))
    monkeypatch.setattr(room, "free_bytes", lambda: max(needs))
    assert without_room(jobs, limit=None, at_once=2) == {}


def test_a_bare_module_is_asked_where_its_size_could_matter(plan: Plan, plugin: Plugin) -> None:
    (job,) = plan([], [plugin(MODULE)])
    assert job.description.is_counted
    assert not may_matter(job, free=GIB)
    assert may_matter(job, free=2**17)
    assert may_matter(plan(["torch.mlp"])[0], free=GIB)


def test_a_bare_module_is_counted_in_another_process(plan: Plan, plugin: Plugin, free: Callable[[int], None]) -> None:
    free(2**17)
    with pytest.raises(NoRoomError, match=r"pairs needs \d+ MiB for 80 items"):
        without_room(plan([], [plugin(MODULE)]), limit=None)


def test_recbench_itself_needs_the_task_and_its_blocks(plan: Plan) -> None:
    (job,) = plan(["popularity"])
    arrays = [*job.task.train.arrays.values(), *job.task.evaluation_arrays.values()]
    assert own_bytes(job) > sum(array.nbytes for array in arrays)
    assert own_bytes(job) > own_bytes(replace(job, full=False))

"""Small steps are computed in one thread of torch, large ones in as many as there are; outside, nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from modules_to_train import TwoTower

from recommenders.modules.step_threads import FLOPS_PER_ELEMENT, StepThreads, StepWork

if TYPE_CHECKING:
    from collections.abc import Iterator

CPU = torch.device("cpu")


class NotesThreads(TwoTower):
    """Notes how many threads torch has whenever it is trained."""

    seen: list[int]

    def forward(self, users, items):
        if self.training:
            NotesThreads.seen.append(torch.get_num_threads())
        return super().forward(users, items)


@pytest.fixture(autouse=True)
def three_threads() -> Iterator[None]:
    """Give torch three threads, whatever machine this is."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    NotesThreads.seen = []
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("embedding_size", "n_threads"), [(4, 1), (600, 3)])
def test_all_steps_after_the_first_have_the_threads_that_they_are_worth(
    model_of, checkerboard, embedding_size: int, n_threads: int
) -> None:
    model = model_of(NotesThreads, embedding_size=embedding_size, batch_size=500, epochs=2)
    for _ in model.fit_epochs(checkerboard, rng=np.random.default_rng(0)):
        assert torch.get_num_threads() == 3
    assert NotesThreads.seen == [1] + [n_threads] * (len(NotesThreads.seen) - 1)
    assert len(NotesThreads.seen) > 2


def test_a_failed_step_leaves_the_threads_as_they_were() -> None:
    threads = StepThreads(CPU)
    with pytest.raises(ZeroDivisionError), threads, threads.step():
        raise ZeroDivisionError
    assert torch.get_num_threads() == 3


def test_an_accelerator_leaves_the_threads_alone() -> None:
    threads = StepThreads(torch.device("meta"))
    with threads, threads.step():
        assert torch.get_num_threads() == 3


def test_one_thread_stays_one() -> None:
    torch.set_num_threads(1)
    threads = StepThreads(CPU)
    with threads, threads.step():
        torch.ones(2**18).add_(1)
    with threads, threads.step():
        assert torch.get_num_threads() == 1


def test_work_is_counted_for_each_operation() -> None:
    left, right = torch.ones(20, 30), torch.ones(30, 40)
    with StepWork() as work:
        left @ right
        left.view(600)
    assert work.per_operation == 20 * 40 + 2 * 20 * 30 * 40 / FLOPS_PER_ELEMENT
    with StepWork() as work:
        left + 1
        right + 1
    assert work.per_operation == (600 + 1200) / 2


def test_an_operation_that_returns_nothing_counts_what_it_changes() -> None:
    tensors = [torch.zeros(1000), torch.zeros(10)]
    with StepWork() as work:
        torch._foreach_add_(tensors, 1)
    assert work.per_operation == 1000 + 10


def test_what_has_no_tensor_does_not_count() -> None:
    with StepWork() as work, torch.profiler.record_function("a step"):
        torch.ones(100)
    assert work.per_operation == 100

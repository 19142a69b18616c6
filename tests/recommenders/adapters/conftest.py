"""Fixtures of the tests of adapters: one thread, with which the models of libraries give the same result again."""

from __future__ import annotations

import pytest

from protocol.data.loading import load_dataset
from protocol.tasks.task import Task, build_task


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def task() -> Task:
    return build_task(load_dataset("synthetic:60x80x900"), n_negatives=20)

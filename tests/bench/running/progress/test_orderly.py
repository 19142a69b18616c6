"""Progress in order, whatever places report when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bench.running.progress.listening import Silence
from bench.running.progress.orderly import Orderly


class Noted(Silence):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def started(self, job: Any) -> None:
        self.told.append("started")

    def reported(self, job: Any, event: Any) -> None:
        self.told.append("reported")

    def ended(self, job: Any, record: Any) -> None:
        self.told.append("ended")


@given(st.lists(st.sampled_from(["started", "reported"])), st.lists(st.sampled_from(["started", "reported"])))
def test_a_job_starts_once_and_ends_once_and_nothing_comes_after(before: list[str], after: list[str]) -> None:
    noted = Noted()
    orderly = Orderly(noted)
    job: Any = SimpleNamespace(key="one")

    def tell(what: str) -> None:
        orderly.started(job) if what == "started" else orderly.reported(job, {"phase": "fit"})

    for what in before:
        tell(what)
    orderly.ended(job, None)  # type: ignore[arg-type]
    for what in after:
        tell(what)
    assert noted.told == ["started", *["reported"] * before.count("reported"), "ended"]

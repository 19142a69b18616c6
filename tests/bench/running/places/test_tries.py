"""A lost worker costs a try; the third one costs the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.running.places.tries import Tries

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job


def test_each_job_is_tried_three_times(plan: Callable[..., list[Job]]) -> None:
    one, other = plan(["popularity", "ease"])
    tries = Tries()
    assert tries.lost(one, "its worker node1 died") is None
    assert tries.lost(other, "its worker node1 died") is None
    assert tries.lost(one, "its worker node2 died") is None
    record = tries.lost(one, "its worker node3 died\n(killed)")
    assert record is not None
    assert record.key == one.key
    assert record.failure is not None
    assert record.failure.kind == "lost"
    assert record.failure.message == "its worker node3 died (killed), the third time; it is not tried again"
    assert (
        record.failure.detail
        == "1: its worker node1 died\n2: its worker node2 died\n3: its worker node3 died\n(killed)"
    )

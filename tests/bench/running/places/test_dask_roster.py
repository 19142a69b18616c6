"""Which workers there are is asked again and again, until the run ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bench.running.places.dask_roster import Roster


def test_a_run_that_ends_as_the_scheduler_answers_looks_no_more() -> None:
    """The cancellation comes in the same moment as the answer, and is not lost."""

    async def run() -> None:
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        async def identity() -> dict[str, Any]:
            return await answer

        client: Any = SimpleNamespace(status="running", scheduler=SimpleNamespace(identity=identity))
        roster = Roster(client, same_machine=False, welcome=lambda _: None, explain=lambda _: None)
        looking = asyncio.create_task(roster.look())
        await asyncio.sleep(0)
        answer.set_result({"workers": {}})
        looking.cancel()
        await looking

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())

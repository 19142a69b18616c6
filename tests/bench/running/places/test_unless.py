"""Work that an event ends."""

from __future__ import annotations

import asyncio

import pytest

from bench.running.places import unless as unless_module
from bench.running.places.unless import unless


def test_what_comes_first_counts() -> None:
    async def both() -> tuple[int | None, int | None, list[str]]:
        came, said = asyncio.Event(), list[str]()

        async def work(seconds: float) -> int:
            try:
                await asyncio.sleep(seconds)
            finally:
                said.append(f"ended {seconds:g}")
            return 7

        first = await unless(came, work(0))
        came.set()
        return first, await unless(came, work(600)), said

    assert asyncio.run(both()) == (7, None, ["ended 0", "ended 600"])


def test_an_error_of_the_work_is_raised() -> None:
    async def fails() -> None:
        raise ValueError("no")

    async def run() -> None:
        await unless(asyncio.Event(), fails())

    with pytest.raises(ValueError, match="no"):
        asyncio.run(run())


def test_work_that_swallows_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unless_module, "AGAIN_SECONDS", 0.001)
    swallowed = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                swallowed.append(1)
                if len(swallowed) == 3:
                    raise

    async def run() -> None:
        came = asyncio.Event()
        came.set()
        assert await unless(came, stubborn()) is None

    asyncio.run(run())
    assert len(swallowed) == 3

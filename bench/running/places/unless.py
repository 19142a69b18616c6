"""Asynchronous work that an event ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

T = TypeVar("T")

AGAIN_SECONDS = 5.0
"""After how long a task that was cancelled and has not ended is cancelled again."""


async def unless(event: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what some work returns; if the event comes first, cancel the work, wait for its end, and return None."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(event.wait())
    try:
        await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        await end((working, waiting))


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait for their ends; what they raise is left to who asks them."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        # A task may swallow its cancellation, as `asyncio.wait_for` does in Python 3.11. Then it is cancelled again.
        _, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)

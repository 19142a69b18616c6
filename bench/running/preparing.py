"""What jobs need once, before the first of them and off the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.records.outcome import Failure
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.running.plan import Job


def unprepared(jobs: Iterable[Job]) -> dict[str, Failure]:
    """Let programs and plug-ins prepare what they need.

    Returns
    -------
    dict
        The failures of those that cannot, by the reference of the recommender's class.
    """
    failures = {}
    for entry in {job.choice.entry.reference: job.choice.entry for job in jobs}.values():
        try:
            registry.prepare(entry)
        except RecommenderError as error:
            failures[entry.reference] = Failure("raised", str(error), detail=str(error))
    return failures

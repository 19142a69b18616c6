"""Records compared with the recommenders of this code: what a record says of one with the same source must be so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record


class ThisCode:
    """The recommenders of this code; each is looked at once, however many records are compared with it.

    A plug-in of a package is imported in a process of its own (see `recommenders.registry.description_of`).
    """

    def __init__(self) -> None:
        self._known = {name: _Known(entry) for name, entry in registry.entries().items()}

    def misdescriptions(self, record: Record) -> list[str] | None:
        """Return what a record says of its recommender that is not so.

        None where it cannot be compared: its recommender is not part of this code, has another source here, or does not
        load here.
        """
        recommender = record.recommender
        known = self._known.get(recommender.name)
        if known is None or not known.is_source_of(recommender) or known.description is None:
            return None
        return [*_differences(recommender, known.entry, known.description)]


@dataclass(frozen=True)
class _Known:
    """A recommender of this code; its digest and its description are made where a record is compared with them."""

    entry: registry.Entry

    def is_source_of(self, recommender: RecordedRecommender) -> bool:
        return self.entry.origin == recommender.origin and self._source_sha256 == recommender.source_sha256

    @cached_property
    def _source_sha256(self) -> str | None:
        try:
            return registry.source_digest(self.entry)
        except RecommenderError:  # Its source is not here.
            return None

    @cached_property
    def description(self) -> registry.Description | None:
        return registry.description_of(self.entry)


def _differences(
    recommender: RecordedRecommender, entry: registry.Entry, description: registry.Description
) -> Iterator[str]:
    compared = {
        "reference": (recommender.reference, entry.public_reference),
        "deterministic": (recommender.deterministic, description.deterministic),
        "iterative": (recommender.iterative, description.iterative),
        "processor_independent": (recommender.processor_independent, description.processor_independent),
        "parameters": (sorted(recommender.parameters), sorted(description.parameters)),
    }
    for name, (said, now) in compared.items():
        if said != now:
            yield f"its {name} is {said!r}, and by the source with its SHA-256 {now!r}"

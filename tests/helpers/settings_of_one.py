"""Records of one recommender with several settings of its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.records.record import Record


def with_parameters(made: Record, name: str, parameters: Mapping[str, Any]) -> Record:
    """Return a record of a recommender of this name with these parameters."""
    document = dict(made.document)
    document["recommender"] = {**document["recommender"], "name": name, "parameters": dict(parameters)}
    return type(made)(document, made.ranks, made.full_ranks, made.top_items, made.counts)

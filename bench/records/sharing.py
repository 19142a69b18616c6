"""Equal arrays of several records, held once: the records of a task have the same rivals and counts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from protocol.evaluation.ranking import Ranks
from protocol.tasks.counts import TrainCounts

if TYPE_CHECKING:
    import numpy.typing as npt

    from bench.records.record import Record


class SharedArrays:
    """The arrays of the records that were seen, by their content."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[int, ...], bytes], npt.NDArray[Any]] = {}

    def shared(self, record: Record) -> Record:
        """Return a record of which ranks and counts are those of earlier records, where they are equal."""
        return replace(
            record,
            ranks=self._ranks(record.ranks),
            full_ranks=self._ranks(record.full_ranks),
            counts=self._counts(record.counts),
        )

    def _ranks(self, ranks: Ranks | None) -> Ranks | None:
        return ranks and Ranks(self._one(ranks.n_better), self._one(ranks.n_tied), self._one(ranks.n_rivals))

    def _counts(self, counts: TrainCounts | None) -> TrainCounts | None:
        return counts and TrainCounts(self._one(counts.users), self._one(counts.heldout), self._one(counts.items))

    def _one(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        content = hashlib.sha256(array.data).digest()
        return self._known.setdefault((array.dtype.str, array.shape, content), array)

"""Counts of a task for the reader of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import to_builtins

from protocol.tasks.counts import count_train

if TYPE_CHECKING:
    from protocol.data.dataset import Dataset
    from protocol.tasks.candidates import Candidates
    from protocol.tasks.split import Split


def facts_of(dataset: Dataset, split: Split, candidates: Candidates) -> dict[str, Any]:
    """Return the counts and notes for the reader of a table, in JSON's types."""
    counts = count_train(split.train, candidates)
    evaluated = np.isin(split.users, candidates.users)
    return {
        "n_users": dataset.interactions.n_users,
        "n_items": dataset.interactions.n_items,
        "n_interactions": len(dataset.interactions),
        "n_duplicates": dataset.n_duplicates,
        "n_train": len(split.train),
        "n_evaluated": candidates.n_evaluated,
        "n_negatives": int(candidates.negatives.shape[1]),
        "n_tied_users": int(np.count_nonzero(split.tied & evaluated)),
        "n_short_users": split.n_short_users,
        "n_dropped_users": int(np.count_nonzero(~evaluated)),
        "n_cold_heldout": int(np.count_nonzero(counts.heldout == 0)),
        **split.facts,
        "notes": list(dataset.notes),
        **({"reading": to_builtins(dataset.reading)} if dataset.reading else {}),
    }

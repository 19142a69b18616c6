"""The lists of best items: larger than all else in a record, and needed by the table of one dataset alone.

A study of ten datasets with thousands of users each has gigabytes of them. It holds its records without, and reads them
again, dataset by dataset, where they are needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.records.files import folder_name, read_record
from bench.records.store import RECORDS
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.records.record import Record


def without_lists(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return records without their lists."""
    return tuple(replace(record, top_items=None) for record in records)


def with_lists(records: Iterable[Record], folder: Path) -> tuple[Record, ...]:
    """Return records with their lists, read from a folder of results where they are left out.

    Raises
    ------
    ProtocolError
        If a record is not there any more, was replaced by one with other ranks, or is damaged.
    NotReadableError
        If the system does not let this process read it.
    """
    return tuple(_whole(record, folder) for record in records)


def _whole(record: Record, folder: Path) -> Record:
    # Where the whole catalogue was ranked, there are lists.
    if record.full_ranks is None or record.top_items is not None:
        return record
    place = folder / RECORDS / folder_name(record)
    stored = read_record(place)
    if stored.full_ranks is None or not np.array_equal(stored.full_ranks.n_better, record.full_ranks.n_better):
        raise ProtocolError(f"{place} was replaced by a record with other ranks meanwhile; read the results again")
    return replace(record, top_items=stored.top_items)

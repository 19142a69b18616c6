"""The registered datasets as `recbench datasets` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.data.fetching import find
from protocol.data.registered import REGISTERED

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class DatasetInfo:
    """A registered dataset: its sizes, address and terms, and the path of its file on this machine, if it is here."""

    name: str
    n_users: int
    n_items: int
    n_interactions: int
    source: str
    terms: str
    path: Path | None


def available_datasets(data_dir: Path | None = None) -> tuple[DatasetInfo, ...]:
    """Return the registered datasets; nothing is fetched.

    Parameters
    ----------
    data_dir
        A folder to look for their files in, before the cache.
    """
    return tuple(
        DatasetInfo(
            known.name,
            known.n_users,
            known.n_items,
            known.n_interactions,
            known.sources[0].url or known.sources[0].package,
            known.collection.terms,
            find(known.name, data_dir),
        )
        for known in REGISTERED.values()
    )

"""From what a user names to a dataset: registered names, ``synthetic``, ``ncf:``, files; then the filters (P4)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from protocol.dataset import Dataset
from protocol.errors import DatasetError
from protocol.formats import Columns, read_file
from protocol.sources import NAMED, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt


def load(
    name: str, columns: Mapping[str, str], min_rating: float | None, core: int | None, data_dir: Path | None
) -> Dataset:
    """Do what `protocol.dataset.load_dataset` says."""
    if name.partition(":")[0] in ("synthetic", "ncf"):
        if columns or min_rating is not None or core is not None:
            raise DatasetError(f"{name} is taken as it is: columns, minimum rating and core belong to files of ratings")
        return _taken_as_it_is(name)
    path = fetch(name, data_dir) if name in NAMED else Path(name).expanduser()
    read = read_file(path, columns, with_ratings=min_rating is not None)
    notes: list[str] = []
    if min_rating is not None:
        read = _rated_at_least(read, min_rating, notes)
    dataset = Dataset.from_arrays(
        name if name in NAMED else path.name, read.users, read.items, read.timestamps, notes=tuple(notes)
    )
    return dataset if core is None else _core(dataset, core)


def _taken_as_it_is(name: str) -> Dataset:
    if name.startswith("ncf:"):
        from protocol.ncf import read_ncf

        return read_ncf(name)
    from protocol.synthetic import generate

    return generate(name)


def _rated_at_least(read: Columns, min_rating: float, notes: list[str]) -> Columns:
    """Return the rows rated ``min_rating`` or higher."""
    ratings = np.asarray(read.ratings)
    kept = ratings >= min_rating
    if not kept.any():
        raise DatasetError(f"no rating is {min_rating:g} or higher (the highest is {ratings.max():g})")
    notes.append(f"minimum rating {min_rating:g}: {np.count_nonzero(~kept):,} lower ones left out")
    return Columns(read.users[kept], read.items[kept], read.timestamps[kept], ratings[kept])


def _core(dataset: Dataset, core: int) -> Dataset:
    """Leave out users and items with fewer than ``core`` interactions, again and again until none is left."""
    interactions = dataset.interactions
    kept = np.ones(len(interactions), dtype=np.bool_)
    while True:
        sparse = _sparse(interactions.users, kept, core) | _sparse(interactions.items, kept, core)
        if not (sparse & kept).any():
            break
        kept &= ~sparse
    if not kept.any():
        raise DatasetError(f"{dataset.name}: nothing is left of a {core}-core; ask for a smaller one")
    left_out = np.count_nonzero(~kept)
    filtered = dataset.restricted_to(interactions.where(kept))
    note = f"{core}-core: {left_out:,} interactions left out"
    return Dataset(
        dataset.name,
        filtered.interactions,
        filtered.user_ids,
        filtered.item_ids,
        dataset.n_duplicates,
        notes=(*dataset.notes, note),
    )


def _sparse(indices: npt.NDArray[np.int32], kept: npt.NDArray[np.bool_], core: int) -> npt.NDArray[np.bool_]:
    """Return which rows belong to a user (or item) with fewer than ``core`` kept rows."""
    counts = np.bincount(indices[kept], minlength=int(indices.max()) + 1)
    return np.asarray(counts[indices] < core)

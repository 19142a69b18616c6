"""The file of a registered dataset, read as its row says, and held to the facts in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from protocol.data.columns import checked
from protocol.data.formats import SEQUENCES, read_values
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from protocol.data.columns import Columns
    from protocol.data.dataset import Dataset, Times
    from protocol.data.formats import Format
    from protocol.data.registered import RegisteredDataset


def read_known(
    path: Path,
    names: Mapping[str, str],
    times: Times,
    *,
    with_ratings: bool,
    member: str | None = None,
    form: Format | None = None,
) -> Columns:
    """Read a file of which it is known what its columns are, so that nothing is in doubt.

    Where it has no times, all of them are 0.

    Raises
    ------
    DatasetError
        As `protocol.data.formats.read_file`.
    """
    wanted = ["user", "item", *["timestamp"] * (times != "none"), *["rating"] * with_ratings]
    values, origin = read_values(path, names, wanted, member=member, form=form)
    if times == "none":
        values["timestamp"] = np.zeros(len(values["user"]), dtype=np.int64)
    return replace(checked(values, origin, chosen=[*wanted, "timestamp"]), times=times)


def read_registered(path: Path, known: RegisteredDataset, *, with_ratings: bool) -> Columns:
    """Read the checked file of a registered dataset.

    Raises
    ------
    DatasetError
        If ratings are asked for and it has none, or it has not the users, items and rows that are known of it.
    """
    if with_ratings and not known.ratings:
        remark = f" {known.remark}" if known.remark else ""
        raise DatasetError(f"{known.name} has no ratings, so that --min-rating has nothing to compare.{remark}")
    form = SEQUENCES if known.form == "sequences" else None
    read = read_known(path, known.columns, known.times, with_ratings=with_ratings, member=known.inside, form=form)
    columns = replace(read, reading=None)
    _hold(known, {"rows": (len(columns.users), known.n_rows or known.n_interactions)})
    if with_ratings:
        _hold(known, {"users": (_n_distinct(columns.users), known.n_users)})
        _hold(known, {"items": (_n_distinct(columns.items), known.n_items)})
    return columns


def hold_to_facts(dataset: Dataset, known: RegisteredDataset) -> None:
    """Compare a dataset from which nothing was left out with what is known of it.

    Raises
    ------
    DatasetError
        If it has other users, items or interactions; says which, and how many.
    """
    found = dataset.interactions
    _hold(
        known,
        {
            "users": (found.n_users, known.n_users),
            "items": (found.n_items, known.n_items),
            "interactions": (len(found), known.n_interactions),
        },
    )


def _n_distinct(ids: np.ndarray) -> int:
    import pandas as pd

    return int(pd.unique(ids).size)


def _hold(known: RegisteredDataset, counts: Mapping[str, tuple[int, int]]) -> None:
    other = [f"{found:,} {name} (expected {fact:,})" for name, (found, fact) in counts.items() if found != fact]
    if other:
        raise DatasetError(
            f"{known.name}: its file has {', '.join(other)}, although its checksum is right; so either the row of "
            "registered.toml or the reader is wrong: report this, or read the file under a name of its own with "
            "--dataset PATH"
        )

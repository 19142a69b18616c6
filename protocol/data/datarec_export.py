"""Write a dataset of DataRec to Parquet: ``datarec_export.py NAME VERSION FILE``, by a Python that has DataRec."""

from __future__ import annotations

import sys
from typing import Any


def main() -> None:
    """Let DataRec find the dataset, and export it."""
    from datarec.datasets import load_dataset

    name, version, target = sys.argv[1:]
    export(load_dataset(name, version), target)


def export(dataset: Any, target: str) -> None:
    """Fetch and check a dataset, and write the columns user, item and, where it has them, rating and timestamp.

    Parameters
    ----------
    dataset
        A ``datarec.data.datarec_builder.RegisteredDataset``.
    target
        The Parquet file.

    Raises
    ------
    ValueError
        If it has other users, items or interactions than DataRec itself says.
    """
    dataset.prepare()
    for resource in dataset.resources.values():
        if resource.type == "interactions" and resource.format == "transactions_tabular" and resource.prepared:
            _say_that_there_is_no_header(resource)
    loaded = dataset.load()
    roles = {
        "user": loaded.user_col,
        "item": loaded.item_col,
        "rating": loaded.rating_col,
        "timestamp": loaded.timestamp_col,
    }
    named = {role: column for role, column in roles.items() if column is not None}
    frame = loaded.data[list(named.values())]
    frame.columns = list(named)
    _hold_to_facts(frame, dataset.characteristics)
    frame.to_parquet(target, index=False)


def _say_that_there_is_no_header(resource: Any) -> None:
    """Give a table without a header numbers for the names of its columns.

    DataRec 1.5.7 drops the option that says so (None) before it calls pandas, which then takes the first interaction
    for a header. With names it does not.
    """
    import pandas as pd

    schema = resource.schema
    if "header" in schema or "cols" in schema or not isinstance(schema["user_col"], int):
        return
    options = {name: schema[name] for name in ("sep", "skiprows", "engine", "encoding") if name in schema}
    first = pd.read_csv(resource.path(), header=None, nrows=1, **options)
    schema["cols"] = list(range(first.shape[1]))


def _hold_to_facts(frame: Any, facts: Any) -> None:
    """Compare a table with what DataRec says of it, as far as it says anything; it may count repeated pairs once."""
    known = facts if isinstance(facts, dict) else {}
    pairs = frame[["user", "item"]]
    found = {
        "n_users": {frame["user"].nunique()},
        "n_items": {frame["item"].nunique()},
        "n_interactions": {len(frame), len(pairs.drop_duplicates())},
    }
    for name, counts in found.items():
        if name in known and known[name] not in counts:
            raise ValueError(
                f"its {name} is {max(counts):,} as read here, and {known[name]:,} by DataRec's own registry"
            )


if __name__ == "__main__":
    main()

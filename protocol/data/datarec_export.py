"""Write a dataset of DataRec to Parquet: ``datarec_export.py NAME VERSION FILE``, by a Python that has DataRec."""

from __future__ import annotations

import sys
from typing import Any


def main() -> None:
    """Let DataRec fetch, check and read the dataset, and write its interactions."""
    from datarec.datasets import load_dataset

    name, version, target = sys.argv[1:]
    write(load_dataset(name, version).prepare_and_load(), target)


def write(dataset: Any, target: str) -> None:
    """Write the columns user, item and, where the dataset has them, rating and timestamp.

    Parameters
    ----------
    dataset
        A ``datarec.DataRec``.
    target
        The Parquet file.
    """
    roles = {
        "user": dataset.user_col,
        "item": dataset.item_col,
        "rating": dataset.rating_col,
        "timestamp": dataset.timestamp_col,
    }
    named = {role: column for role, column in roles.items() if column is not None}
    frame = dataset.data[list(named.values())]
    frame.columns = list(named)
    frame.to_parquet(target, index=False)


if __name__ == "__main__":
    main()

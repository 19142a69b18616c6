"""The list of datasets, with their terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def dataset_rows() -> list[dict[str, Any]]:
    """Return one dictionary per named dataset, for a data frame."""
    from protocol.data.available import available_datasets

    return [
        {
            "name": known.name,
            "users": known.n_users,
            "items": known.n_items,
            "interactions": known.n_interactions,
            "at_hand": known.path is not None,
            "path": None if known.path is None else str(known.path),
            "source": known.source,
            "terms": known.terms,
        }
        for known in available_datasets()
    ]


def dataset_text() -> str:
    """Return the datasets for a terminal, and what else ``--dataset`` takes."""
    from tabulate import tabulate

    from protocol.data.synthetic import DEFAULT_SIZE

    rows = dataset_rows()
    body = [
        [
            row["name"],
            *(f"{row[size]:,}" for size in ("users", "items", "interactions")),
            row["path"] or "to be fetched",
        ]
        for row in rows
    ]
    users, items, interactions = DEFAULT_SIZE
    body.append(["synthetic", f"{users:,}", f"{items:,}", f"{interactions:,}", "generated"])
    table = tabulate(
        body,
        headers=["name", "users", "items", "interactions", "where"],
        tablefmt="simple",
        colalign=("left", "right", "right", "right", "left"),
        disable_numparse=True,
    )
    terms = [f"  {_names_under(rows, text)}: {text}" for text in dict.fromkeys(row["terms"] for row in rows)]
    also = (
        "--dataset also takes\n"
        "  synthetic:UxIxN   generated, U users, I items and N interactions: synthetic:200x100x5000\n"
        "  PATH              a file of interactions: CSV, TSV, ::, RecBole's .inter, Parquet; gzipped or not\n"
        "  ncf:PREFIX        the NCF paper's PREFIX.train.rating, PREFIX.test.rating and PREFIX.test.negative\n"
        "--split time needs times that all users share; neither ncf: nor a per-user counter has them"
    )
    return "\n".join((table, "", "Terms", *terms, "", also, ""))


def _names_under(rows: Sequence[dict[str, Any]], terms: str) -> str:
    return ", ".join(row["name"] for row in rows if row["terms"] == terms)

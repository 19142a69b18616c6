"""Read a TOML file that has a table for each recommender."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from pathlib import Path


def read_tables(path: Path, example: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a file by name, at least one.

    Parameters
    ----------
    example
        A table as it should be; the error message shows it.

    Raises
    ------
    RecommenderError
        If the file is not TOML, has no table, or has values outside of any table.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecommenderError(f"{path} is not TOML: {error}") from error
    loose = [name for name, table in tables.items() if not isinstance(table, dict)]
    if loose or not tables:
        found = f"{', '.join(loose)} outside of any table" if loose else "nothing"
        raise RecommenderError(f"{path} has {found}; expected a table per recommender: {example}")
    return tables

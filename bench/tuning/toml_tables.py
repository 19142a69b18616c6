"""TOML: files with a table per recommender, and values as it writes them."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_tables(path: Path, example: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a file by name; there is at least one.

    Parameters
    ----------
    example
        What a table looks like, for whoever wrote none.

    Raises
    ------
    RecommenderError
        If the file is no such TOML.
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


def toml_lines(table: Mapping[str, Any]) -> list[str]:
    """Return a line for each value; TOML has no null, and a parameter that is None is what it is without a line."""
    return [f"{toml_key(name)} = {toml_value(value)}" for name, value in table.items() if value is not None]


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it; JSON's numbers, text and lists are TOML's, too."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def toml_key(name: str) -> str:
    """Return a key as TOML writes it: bare where it can be."""
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else toml_value(name)

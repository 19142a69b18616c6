"""A plain grid search on the validation task: what is tried, and how the outcome is written.

The budget of each recommender is what its grid says, and stands in the result (Ferrari Dacrema et al., TOIS 2021:
untuned baselines make any model win).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from bench import choices as suite
from bench.tuning.toml_tables import read_tables
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_grid(path: Path, plugins: Mapping[str, registry.Entry]) -> list[suite.Choice]:
    """Return every combination of a grid file once, in its order.

    The file has a table per recommender; lists are tried in full product, anything else is fixed. Lists of numbers as
    *one* value, such as layers, are written as text: ``layers = ["64-32-16", "128-64"]``.

    Raises
    ------
    RecommenderError
        If the file is no such grid, or names unknown recommenders or parameters.
    """
    tables = read_tables(path, "[ease], then reg = [100, 200]")
    return suite.distinct(
        choice for name, table in tables.items() for choice in _combinations(path, name, table, plugins)
    )


def _combinations(
    path: Path, name: str, table: Mapping[str, Any], plugins: Mapping[str, registry.Entry]
) -> list[suite.Choice]:
    entry = registry.find(name, plugins)
    values = {parameter: value if isinstance(value, list) else [value] for parameter, value in table.items()}
    empty = [parameter for parameter, tried in values.items() if not tried]
    if empty:
        raise RecommenderError(f"{path}: [{name}] {', '.join(empty)} is an empty list; give at least one value")
    return [
        suite.Choice(entry, suite.typed(entry, dict(zip(values, map(_text, combination), strict=True))))
        for combination in itertools.product(*values.values())
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Grid search: every combination of a file of values.

The grid is the budget of each recommender, and ``trials.csv`` shows it: a table in which only some were tuned is
unfair (Ferrari Dacrema et al., TOIS 2021).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.choices import Choice, distinct, typed
from bench.tuning.toml_tables import read_tables
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.tuning.trial_runner import TryChoices
    from bench.tuning.trials import Trial


@dataclass(frozen=True)
class Grid:
    """Tries every combination of a grid.

    Parameters
    ----------
    choices
        Each combination once, in the order of the file.
    """

    choices: Sequence[Choice]

    @property
    def recommenders(self) -> list[str]:
        """Names of the recommenders in the grid."""
        return list(dict.fromkeys(choice.entry.name for choice in self.choices))

    @property
    def about(self) -> dict[str, Any]:
        """The entries of ``tuned.toml`` about the method."""
        return {"sampler": "grid", "budget": "every combination of the grid"}

    def search(self, try_choices: TryChoices) -> list[Trial]:
        """Return the trials of all combinations (see `bench.tuning.search.Method`)."""
        return try_choices(self.choices)


def read_grid(path: Path, plugins: Mapping[str, registry.Entry]) -> Grid:
    """Read a grid.

    The file has a table per recommender. Lists are tried in full product; any other value is fixed. A parameter that
    is itself a list of numbers, such as layers, is a list within the list, or text: ``layers = [[64, 32], "128-64"]``.

    Raises
    ------
    RecommenderError
        If the file is not TOML, has no table, or names an unknown recommender or parameter.
    """
    tables = read_tables(path, "[ease], then reg = [100, 200]")
    return Grid(
        distinct(choice for name, table in tables.items() for choice in _combinations(path, name, table, plugins))
    )


def _combinations(
    path: Path, name: str, table: Mapping[str, Any], plugins: Mapping[str, registry.Entry]
) -> list[Choice]:
    entry = registry.find(name, plugins)
    values = {parameter: value if isinstance(value, list) else [value] for parameter, value in table.items()}
    empty = [parameter for parameter, tried in values.items() if not tried]
    if empty:
        raise RecommenderError(f"{path}: [{name}] {', '.join(empty)} is an empty list; give at least one value")
    return [
        Choice(entry, typed(entry, dict(zip(values, combination, strict=True))))
        for combination in itertools.product(*values.values())
    ]

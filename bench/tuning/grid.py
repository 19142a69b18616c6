"""Grid search: every combination of a file of values.

The grid is the budget of each recommender, and ``trials.csv`` shows it: a table in which only some were tuned is
unfair (Ferrari Dacrema et al., TOIS 2021).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.choices import Choice, distinct, typed, value_text
from bench.tuning.dimensions import Categorical
from bench.tuning.toml_tables import read_tables
from bench.tuning.trials import combination_of
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.tuning.dimensions import Dimension
    from bench.tuning.trials import Trial


@dataclass(eq=False)
class Grid:
    """Tries every combination of a grid; all may run at once.

    Parameters
    ----------
    choices
        Each combination once, in the order of the file.
    """

    choices: Sequence[Choice]
    _n_asked: int = 0
    _trials: dict[tuple[str, str], Sequence[Trial]] = field(default_factory=dict)

    @property
    def recommenders(self) -> list[str]:
        """Names of the recommenders in the grid."""
        return list(dict.fromkeys(choice.entry.name for choice in self.choices))

    @property
    def about(self) -> dict[str, Any]:
        """The entries of ``tuned.toml`` about the method."""
        return {"sampler": "grid", "budget": "every combination of the grid"}

    @property
    def searched(self) -> dict[str, dict[str, Dimension]]:
        """The values of each hyper-parameter that has several, by recommender."""
        found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in self.recommenders}
        for choice in self.choices:
            for parameter, value in choice.parameters.items():
                found[choice.entry.name].setdefault(parameter, {})[value_text(value)] = value
        return {
            name: {parameter: Categorical(values) for parameter, values in parameters.items() if len(values) > 1}
            for name, parameters in found.items()
        }

    @property
    def trials(self) -> list[Trial]:
        """See `bench.tuning.search.Method`, and so for the others."""
        found = (self._trials.get(_identity(choice), ()) for choice in self.choices)
        return [trial for trials in found for trial in trials]

    @property
    def left(self) -> dict[str, int]:
        """None: all are asked for at once."""
        return {}

    def go_on_in(self, folder: Path) -> None:
        """Do nothing: a grid asks for the same each time."""

    def ask(self, n_free: int) -> Choice | None:  # noqa: ARG002 - all are asked for, however many run
        """Return the next combination."""
        if self._n_asked == len(self.choices):
            return None
        self._n_asked += 1
        return self.choices[self._n_asked - 1]

    def tell(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Keep the trials of a combination."""
        self._trials[_identity(choice)] = trials


def _identity(choice: Choice) -> tuple[str, str]:
    return choice.entry.name, combination_of(choice.parameters)


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

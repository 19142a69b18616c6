"""Run recommenders with the hyper-parameters that a search found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from bench.choices import Choice, FoundParameters, choose, distinct, plugin_entries, typed
from bench.records.labels import names_of_rows
from bench.tuning.tuned_file import LABELS, Tuned
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from bench.choices import Named


@dataclass(frozen=True)
class TunedChoices:
    """Applies the parameters of a file to the recommenders of a run.

    Parameters
    ----------
    path
        The file; messages name it.
    """

    path: Path
    tuned: Tuned

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file (see `bench.tuning.tuned_file.Tuned.read`)."""
        return cls(path, Tuned.read(path))

    def choose(self, recommenders: Named | Iterable[Named] | None, plugins: Named | Iterable[Named]) -> list[Choice]:
        """Return what `bench.choices.choose` returns, with the parameters of the file where the caller gives none.

        Parameters
        ----------
        recommenders
            None for the recommenders of the file.

        Raises
        ------
        RecommenderError
            If the file names unknown recommenders or parameters, or none of the recommenders asked for.
        """
        found = self._typed(plugin_entries(plugins))
        choices = choose(list(found) if recommenders is None else recommenders, plugins)
        names = list(dict.fromkeys(choice.entry.name for choice in choices))
        if found.keys().isdisjoint(names):
            raise RecommenderError(f"{self.path} has parameters of {', '.join(found)}; this run has {', '.join(names)}")
        return distinct(self._completed(choice, found.get(choice.entry.name, {})) for choice in choices)

    @staticmethod
    def run_on(choices: Iterable[Choice], validation_task: str) -> list[Choice]:
        """Return choices whose parameters know the digest of the validation task of the data that they are run on."""
        return [
            replace(choice, found=replace(choice.found, own_validation_task=validation_task))
            if choice.found
            else choice
            for choice in choices
        ]

    def names_of(self, rows: Mapping[str, str]) -> dict[str, str]:
        """Return the names that the file gives to rows of a run; see `bench.records.labels.names_of_rows`.

        Raises
        ------
        RecommenderError
            As `names_of_rows` does, naming the file.
        """
        known = {*rows, *rows.values()}
        given = {row: name for row, name in self.tuned.labels.items() if row in known}
        try:
            return names_of_rows(given, rows)
        except RecommenderError as error:
            raise RecommenderError(f"{self.path}: [{LABELS}]: {error}") from error

    def warnings(self, dataset: str, validation_task: str) -> Iterator[str]:
        """Yield what is in doubt: parameters that were chosen on other data than this run's, an unfinished search.

        Parameters
        ----------
        dataset
            Name of the run's dataset.
        validation_task
            Digest of the run's validation task.
        """
        if not self.tuned.is_complete:
            yield (
                f"{self.path} is of a search that has not come to its end, so its parameters are the best so far; the "
                "same `recbench tune` command, given again, goes on with it"
            )
        chosen_on = self.tuned.validation_task
        if chosen_on is None:
            yield f"{self.path} does not say on which data its parameters were chosen"
        elif chosen_on != validation_task:
            yield (
                f"{self.path} was chosen on {self.tuned.dataset} (validation task {chosen_on[:12]}), and this run is "
                f"on {dataset} (validation task {validation_task[:12]}): for these data the parameters are not tuned"
            )

    def _completed(self, choice: Choice, found: Mapping[str, Any]) -> Choice:
        """Add the file's parameters to a choice; the parameters of the choice win.

        A value that is the recommender's default is left out, so that the row has the recommender's plain name. A
        choice with a parameter that the search did not find has no tuning time: it was not tuned.
        """
        description = registry.description_of(choice.entry)
        defaults = {name: known.default for name, known in description.parameters.items()} if description else {}
        added = {name: value for name, value in found.items() if name not in defaults or defaults[name] != value}
        is_tuned = all(name in found and found[name] == value for name, value in choice.parameters.items())
        seconds = self.tuned.seconds(choice.entry.name) if is_tuned else None
        names = tuple(name for name, value in found.items() if choice.parameters.get(name, value) == value)
        origin = FoundParameters(names, self.tuned.dataset, self.tuned.validation_task) if names else None
        return Choice(choice.entry, {**added, **choice.parameters}, seconds, origin)

    def _typed(self, plugins: Mapping[str, registry.Entry]) -> dict[str, dict[str, Any]]:
        """Return the file's parameters by recommender, as the constructors take them."""
        found = {}
        for name, table in self.tuned.parameters.items():
            try:
                found[name] = typed(registry.find(name, plugins), table)
            except RecommenderError as error:
                raise RecommenderError(f"{self.path}: {error}") from error
        return found

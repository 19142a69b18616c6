"""Parameters that were chosen before: the file that `recbench tune` or `recbench select` wrote, used in a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import choices as suite
from bench.tuning.optuna_search import import_optuna
from bench.tuning.toml_tables import read_tables, toml_key, toml_lines
from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.choices import Named
    from bench.tuning.budget import Budget
    from bench.tuning.trials import Best


@dataclass(frozen=True)
class Tuned:
    """What was chosen, and on what.

    Parameters
    ----------
    path
        The file.
    parameters
        By recommender, as they stand there.
    dataset, validation_task
        Its name, and the digest of the task that chose; None where the file does not say.
    seconds
        By recommender, what choosing took, where the file says.
    """

    path: Path
    parameters: Mapping[str, Mapping[str, Any]]
    dataset: str | None
    validation_task: str | None
    seconds: Mapping[str, float]

    def choose(self, texts: Named | Iterable[Named] | None, plugins: Named | Iterable[Named]) -> list[suite.Choice]:
        """Return what `bench.choices.choose` does, with these parameters where the texts give none.

        Parameters
        ----------
        texts
            None for the recommenders of the file.

        Raises
        ------
        RecommenderError
            If the file names unknown recommenders or parameters, or none of those that are asked for.
        """
        typed = self._typed(suite.plugin_entries(plugins))
        choices = suite.choose(list(typed) if texts is None else texts, plugins)
        names = list(dict.fromkeys(choice.entry.name for choice in choices))
        if typed.keys().isdisjoint(names):
            raise RecommenderError(f"{self.path} has parameters of {', '.join(typed)}; this run has {', '.join(names)}")
        return suite.distinct(self._completed(choice, typed.get(choice.entry.name, {})) for choice in choices)

    def _completed(self, choice: suite.Choice, tuned: Mapping[str, Any]) -> suite.Choice:
        """Return a choice with tuned parameters where it has none of its own; not tuned if one of its own differs.

        Those that are the recommender's defaults anyway are left out: it is the recommender as it is.
        """
        description = registry.description_of(choice.entry)
        defaults = {name: known.default for name, known in description.parameters.items()} if description else {}
        added = {name: value for name, value in tuned.items() if name not in defaults or defaults[name] != value}
        is_tuned = all(name in tuned and tuned[name] == value for name, value in choice.parameters.items())
        seconds = self.seconds.get(choice.entry.name) if is_tuned else None
        return suite.Choice(choice.entry, {**added, **choice.parameters}, seconds)

    def _typed(self, plugins: Mapping[str, registry.Entry]) -> dict[str, dict[str, Any]]:
        typed = {}
        for name, table in self.parameters.items():
            texts = {parameter: suite.value_text(value) for parameter, value in table.items()}
            try:
                typed[name] = suite.typed(registry.find(name, plugins), texts)
            except RecommenderError as error:
                raise RecommenderError(f"{self.path}: {error}") from error
        return typed

    def warning(self, dataset: str, validation_task: str) -> str | None:
        """Return what to say where the parameters were chosen on other data than a run's; None where they were not."""
        if self.validation_task == validation_task:
            return None
        if self.validation_task is None:
            return f"{self.path} does not say on which data its parameters were chosen"
        return (
            f"{self.path} was chosen on {self.dataset} (validation task {self.validation_task[:12]}), and this run is "
            f"on {dataset} (validation task {validation_task[:12]}): to these data the parameters are not tuned"
        )


def read_tuned(path: Path) -> Tuned:
    """Read ``tuned.toml``, ``selected.toml``, or a file with a table of parameters per recommender.

    Raises
    ------
    RecommenderError
        If it is no such file.
    """
    tables = read_tables(path, "[ease], then reg = 100")
    about = tables.pop(ABOUT, {})
    if not tables:
        raise RecommenderError(f"{path} has parameters of no recommender; every trial may have failed")
    told = {name: about[name] for name in tables if isinstance(about.get(name), dict) and "seconds" in about[name]}
    seconds = {name: _seconds(path, name, table["seconds"]) for name, table in told.items()}
    return Tuned(path, tables, about.get("dataset"), about.get("validation_task"), seconds)


def _seconds(path: Path, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise RecommenderError(f"{path}: [{ABOUT}.{name}] seconds is {value!r}, expected a finite number, 0 or more")
    return float(value)


ABOUT = "selection"
"""The table of `best_toml` that is no recommender."""


TUNED, SELECTED = "tuned.toml", "selected.toml"


BEST_FILES = (TUNED, SELECTED)
"""Files of the best, as `recbench tune` and `recbench select` call them."""


def best_toml(best: Sequence[Best], command: str, about: Mapping[str, Any]) -> str:
    """Return the outcome as TOML: a table of parameters per recommender, and ``[selection]``: on what, at what cost.

    Parameters
    ----------
    command
        Who writes it.
    about
        Values of the table ``[selection]``.
    """
    lines = [
        f"# Written by `{command}`: for each recommender the parameters with the highest mean NDCG@10 over seeds",
        "# on the validation task. Where it learns in epochs, `epochs` is the rounded mean of the seeds' best epochs.",
        "",
        f"[{ABOUT}]",
        *toml_lines(about),
    ]
    for one in best:
        figures = {
            "HR@10": one.hit_rate,
            "NDCG@10": one.ndcg,
            "combinations": one.n_combinations,
            "failed": one.n_failed,
            "seconds": one.seconds,
            "best_epochs": list(one.best_epochs),
        }
        lines += ["", f"[{ABOUT}.{toml_key(one.recommender)}]", *toml_lines(figures)]
    for one in best:
        lines += ["", f"[{toml_key(one.recommender)}]", *toml_lines(one.parameters)]
    return "\n".join([*lines, ""])


def tuned_toml(
    best: Sequence[Best],
    budget: Budget,
    *,
    dataset: str,
    digest: str,
    search_seed: int,
    seeds: Sequence[int],
    patience: int,
) -> str:
    """Return the outcome as TOML (see `bench.tuning.tuned_file.best_toml`)."""
    about = {
        "dataset": dataset,
        "validation_task": digest,
        "sampler": f"TPE of Optuna {import_optuna().__version__}",
        "search_seed": search_seed,
        "budget": f"{budget} for each recommender",
        "seeds": list(seeds),
        "patience": patience,
    }
    return best_toml(best, "recbench tune", about)


def selected_toml(best: Sequence[Best], *, dataset: str, digest: str, seeds: Sequence[int], patience: int) -> str:
    """Return the outcome as TOML (see `bench.tuning.tuned_file.best_toml`)."""
    about = {"dataset": dataset, "validation_task": digest, "seeds": list(seeds), "patience": patience}
    return best_toml(best, "recbench select", about)

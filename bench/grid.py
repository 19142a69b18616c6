"""A plain grid search on the validation task: what is tried, and which trial was best.

The budget of each recommender is what its grid says, and stands in the result (Ferrari Dacrema et al., TOIS 2021:
untuned baselines make any model win).
"""

from __future__ import annotations

import itertools
import json
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import suite
from bench.writers import csv_text
from protocol.errors import RecommenderError
from protocol.metrics import hit_rate, ndcg
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.store import Record


_ABOUT = "selection"
"""The table of `selected_toml` that is no recommender."""


@dataclass(frozen=True)
class Trial:
    """How one combination did with one training seed, on the validation task.

    Parameters
    ----------
    parameters
        Those that the grid gave, typed.
    best_epoch
        After which NDCG@10 was highest; None where a recommender does not learn in epochs.
    hit_rate, ndcg
        At 10, then; None for a failure.
    seconds
        Of fitting and of scoring the validation task.
    failure
        In a line; None where all went well.
    """

    recommender: str
    parameters: Mapping[str, Any]
    seed: int
    best_epoch: int | None
    hit_rate: float | None
    ndcg: float | None
    seconds: float | None
    failure: str | None = None


@dataclass(frozen=True)
class Best:
    """The best combination of one recommender: highest mean NDCG@10 over seeds.

    Parameters
    ----------
    parameters
        Those of the grid, with ``epochs`` replaced by the rounded mean of the seeds' best epochs where there are any.
    n_combinations, n_failed
        How many were tried, and how many of them are out because a seed failed.
    """

    recommender: str
    parameters: Mapping[str, Any]
    hit_rate: float
    ndcg: float
    best_epochs: tuple[int, ...]
    n_combinations: int
    n_failed: int


def read_grid(path: Path, plugins: Mapping[str, registry.Entry]) -> list[suite.Choice]:
    """Return every combination of a grid file once, in its order.

    The file has a table per recommender; lists are tried in full product, anything else is fixed. Lists of numbers as
    *one* value, such as layers, are written as text: ``layers = ["64-32-16", "128-64"]``.

    Raises
    ------
    RecommenderError
        If the file is no such grid, or names unknown recommenders or parameters.
    """
    try:
        grid = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecommenderError(f"{path} is not TOML: {error}") from error
    loose = [name for name, table in grid.items() if not isinstance(table, dict)]
    if loose or not grid:
        found = f"{', '.join(loose)} outside of any table" if loose else "nothing"
        raise RecommenderError(f"{path} has {found}; expected a table per recommender: [ease], then reg = [100, 200]")
    return suite.distinct(
        choice for name, table in grid.items() for choice in _combinations(path, name, table, plugins)
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


def best_of(trials: Sequence[Trial]) -> list[Best]:
    """Return the best combination of each recommender, in the order of the trials; none where all of them failed.

    Of combinations with equal means the first one tried wins.
    """
    found = []
    for name, combinations in _by_recommender(trials).items():
        complete = [group for group in combinations if all(trial.failure is None for trial in group)]
        if complete:
            group = max(complete, key=lambda group: _mean([trial.ndcg for trial in group]))
            found.append(_best(name, group, len(combinations), len(combinations) - len(complete)))
    return found


def _by_recommender(trials: Sequence[Trial]) -> dict[str, list[list[Trial]]]:
    """Return each recommender's combinations, each with its trials over seeds."""
    groups: dict[str, dict[str, list[Trial]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        groups[trial.recommender][json.dumps(trial.parameters, sort_keys=True)].append(trial)
    return {name: list(combinations.values()) for name, combinations in groups.items()}


def _best(name: str, group: Sequence[Trial], n_combinations: int, n_failed: int) -> Best:
    epochs = tuple(trial.best_epoch for trial in group if trial.best_epoch is not None)
    parameters = dict(group[0].parameters)
    if epochs:
        parameters["epochs"] = max(1, round(_mean(epochs)))
    return Best(
        recommender=name,
        parameters=parameters,
        hit_rate=_mean([trial.hit_rate for trial in group]),
        ndcg=_mean([trial.ndcg for trial in group]),
        best_epochs=epochs,
        n_combinations=n_combinations,
        n_failed=n_failed,
    )


def _mean(values: Sequence[float | None]) -> float:
    present = [value for value in values if value is not None]
    return sum(present) / len(present)


def trial_of(choice: suite.Choice, record: Record) -> Trial:
    """Return the trial that a record of the validation task tells of."""
    document = record.document
    name, seed = choice.entry.name, int(document["seed"])
    if record.ranks is None:
        failure = f"{document['failure']['kind']}: {document['failure']['message']}"
        return Trial(name, choice.parameters, seed, None, None, None, None, failure)
    selection, time = document["selection"], document["time"]
    return Trial(
        recommender=name,
        parameters=choice.parameters,
        seed=seed,
        best_epoch=selection["best_epoch"] if selection else None,
        hit_rate=float(np.mean(hit_rate(record.ranks, 10))),
        ndcg=float(np.mean(ndcg(record.ranks, 10))),
        seconds=selection["seconds"] if selection else time["fit_seconds"] + time["score_seconds"],
    )


def trial_rows(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return one dictionary per trial, for a data frame or a CSV file."""
    return [
        {
            "recommender": trial.recommender,
            "parameters": suite.parameters_text(trial.parameters),
            "seed": trial.seed,
            "best_epoch": trial.best_epoch,
            "HR@10": trial.hit_rate,
            "NDCG@10": trial.ndcg,
            "seconds": trial.seconds,
            "failure": trial.failure,
        }
        for trial in trials
    ]


def selected_toml(best: Sequence[Best], *, dataset: str, digest: str, seeds: Sequence[int], patience: int) -> str:
    """Return the outcome as TOML: a table of parameters per recommender, and ``[selection]``: on what, at what cost."""
    lines = [
        "# Written by `recbench select`: for each recommender the parameters with the highest mean NDCG@10 over seeds",
        "# on the validation task. Where it learns in epochs, `epochs` is the rounded mean of the seeds' best epochs.",
        "",
        f"[{_ABOUT}]",
        f"dataset = {_toml(dataset)}",
        f"validation_task = {_toml(digest)}",
        f"seeds = {_toml(list(seeds))}",
        f"patience = {_toml(patience)}",
    ]
    for one in best:
        figures = {
            "HR@10": one.hit_rate,
            "NDCG@10": one.ndcg,
            "combinations": one.n_combinations,
            "failed": one.n_failed,
            "best_epochs": list(one.best_epochs),
        }
        lines += ["", f"[{_ABOUT}.{_toml_key(one.recommender)}]", *_toml_lines(figures)]
    for one in best:
        lines += ["", f"[{_toml_key(one.recommender)}]", *_toml_lines(one.parameters)]
    return "\n".join([*lines, ""])


def _toml_lines(table: Mapping[str, Any]) -> list[str]:
    """Return a line for each value; TOML has no null, and a parameter that is None is what it is without a line."""
    return [f"{_toml_key(name)} = {_toml(value)}" for name, value in table.items() if value is not None]


def _toml(value: Any) -> str:
    """Return a value as TOML writes it; JSON's numbers, text and lists are TOML's, too."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _toml_key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _toml(name)


@dataclass(frozen=True, eq=False)
class GridSearch:
    """What a grid search found, and where it lies.

    Parameters
    ----------
    trials
        All of them, in the order tried.
    folder
        With ``trials.csv`` and ``selected.toml``.
    """

    trials: tuple[Trial, ...]
    folder: Path

    @property
    def n_failed(self) -> int:
        """How many trials failed."""
        return sum(trial.failure is not None for trial in self.trials)

    def write(self, *, dataset: str, digest: str, seeds: Sequence[int], patience: int) -> None:
        """Write ``trials.csv`` and ``selected.toml`` (see `selected_toml`)."""
        (self.folder / "trials.csv").write_text(csv_text(trial_rows(self.trials)), encoding="utf-8")
        selected = selected_toml(best_of(self.trials), dataset=dataset, digest=digest, seeds=seeds, patience=patience)
        (self.folder / "selected.toml").write_text(selected, encoding="utf-8")

    def __str__(self) -> str:
        from tabulate import tabulate

        from bench.sheet import accuracy_text

        rows = [
            [
                one.recommender,
                accuracy_text(one.hit_rate),
                accuracy_text(one.ndcg),
                suite.parameters_text(one.parameters),
            ]
            for one in best_of(self.trials)
        ]
        table = tabulate(
            rows,
            headers=["recommender", "HR@10", "NDCG@10", "best on validation"],
            tablefmt="simple",
            disable_numparse=True,
        )
        failed = [
            f"failed: {trial.recommender}:{suite.parameters_text(trial.parameters)} (seed {trial.seed}): "
            f"{trial.failure}"
            for trial in self.trials
            if trial.failure is not None
        ]
        written = f"{len(self.trials)} trials in {self.folder}/trials.csv, the best in {self.folder}/selected.toml"
        return "\n".join((table, "", *failed, written, ""))

"""How the defaults of training were chosen that a PyTorch module gets: on validation tasks, never on a test task.

::

    python results/tuning/modules.py --movies ml-latest-small/ratings.csv

trains three modules as users write them on the validation tasks (P20) of MovieLens-100K and of MovieLens latest-small,
until NDCG@10 has not risen for six epochs or 20 are over, and writes ``modules.csv`` and ``modules.md`` beside this
file. A search that was stopped goes on with what ``modules.csv`` lacks.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tabulate import tabulate

from bench.api import Data
from bench.running.training import select_epochs, training_rng
from bench.writing.csv import csv_text
from bench.writing.text import accuracy_text
from protocol.drafts import write_output
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from protocol.tasks.task import Task

HERE = Path(__file__).parent
MODULES = ("TwoTower", "PostMLP", "WeightedProduct")
DATASETS = ("ml-100k", "ml-latest-small")

MOST_EPOCHS, PATIENCE, SEED = 20, 6, 0

START = {"loss": "bce", "n_negatives": 4, "learning_rate": 0.005, "batch_size": 2048, "weight_decay": 0.0}
"""Where the search begins. The optimizer is Adam throughout."""

STAGES: Sequence[Sequence[Mapping[str, Sequence[Any]]]] = (
    ({"learning_rate": (0.002, 0.005, 0.01)},),
    ({"weight_decay": (0.0, 1e-5, 1e-4)}, {"batch_size": (2048, 1024)}, {"loss": ("bce", "bpr")}),
    ({"batch_size": (2048, 1024)}, {"learning_rate": (0.01, 0.02)}),
)
"""The grids that are tried in turn. Those of a stage all begin with what the stage before found best."""

sys.path.append(str(HERE.parents[1] / "tests" / "helpers"))
"""Where ``modules_to_train`` is: modules as users write them."""


@dataclass(frozen=True)
class Trial:
    """One training of a module: what was tried, the best epoch, and NDCG@10 after it on the validation task."""

    module: str
    dataset: str
    loss: str
    n_negatives: int
    learning_rate: float
    batch_size: int
    weight_decay: float
    best_epoch: int = 0
    ndcg: float = 0.0

    @property
    def setting(self) -> dict[str, Any]:
        """The hyper-parameters that were tried."""
        return {name: getattr(self, name) for name in START}

    @property
    def place(self) -> tuple[str, str]:
        """What was trained, and on which data."""
        return self.module, self.dataset

    @property
    def question(self) -> tuple[Any, ...]:
        """What was tried, without the outcome."""
        return (*self.place, *self.setting.values())


@dataclass(frozen=True)
class Stage:
    """The trials of a stage."""

    trials: Sequence[Trial]

    @property
    def shares(self) -> dict[tuple[Any, ...], float]:
        """Return for each setting the mean, over modules and datasets, of NDCG@10 in units of the best setting's."""
        best: dict[tuple[str, str], float] = {}
        for trial in self.trials:
            best[trial.place] = max(trial.ndcg, best.get(trial.place, 0.0))
        found: dict[tuple[Any, ...], list[float]] = {}
        for trial in self.trials:
            found.setdefault(tuple(trial.setting.values()), []).append(trial.ndcg / best[trial.place])
        return {setting: float(np.mean(values)) for setting, values in found.items()}

    @property
    def best(self) -> dict[str, Any]:
        """The setting with the highest share; its epochs are the rounded mean of the best ones."""
        shares = self.shares
        setting = max(shares, key=lambda one: shares[one])
        epochs = [trial.best_epoch for trial in self.trials if tuple(trial.setting.values()) == setting]
        return {**dict(zip(START, setting, strict=True)), "epochs": round(float(np.mean(epochs)))}


def asked(grids: Sequence[Mapping[str, Sequence[Any]]], start: Mapping[str, Any]) -> list[Trial]:
    """Return the trials of a stage, without their outcomes, each once."""
    settings = [
        {name: start[name] for name in START} | dict(zip(grid, values, strict=True))
        for grid in grids
        for values in product(*grid.values())
    ]
    distinct = [setting for at, setting in enumerate(settings) if setting not in settings[:at]]
    return [Trial(*place, **setting) for setting in distinct for place in product(MODULES, DATASETS)]


def stages(answer: Callable[[list[Trial]], list[Trial]]) -> list[Stage]:
    """Return the stages of a search whose trials ``answer`` gives their outcomes."""
    start: Mapping[str, Any] = START
    found = []
    for grids in STAGES:
        found.append(Stage(answer(asked(grids, start))))
        start = found[-1].best
    return found


@cache
def validation_of(dataset: str, movies: Path) -> Task:
    """Return the validation task of a dataset."""
    source = Data(dataset if dataset == "ml-100k" else movies)
    return source.validation_task(source.load())


def tried(trial: Trial, movies: Path) -> Trial:
    """Return a trial with its outcome."""
    module_class = getattr(importlib.import_module("modules_to_train"), trial.module)
    selection = select_epochs(
        registry.as_recommender(module_class)(**trial.setting, epochs=MOST_EPOCHS),
        validation_of(trial.dataset, movies),
        rng=training_rng(SEED, "selection"),
        patience=PATIENCE,
        name=trial.module,
        on_epoch=lambda *_: None,
    ).selection
    ndcg = selection.curve[selection.best_epoch - 1].ndcg
    return Trial(*trial.question, best_epoch=selection.best_epoch, ndcg=ndcg)


def read_trials(path: Path) -> dict[tuple[Any, ...], Trial]:
    """Return the trials of a file by what was tried; none where there is no file."""
    if not path.exists():
        return {}
    kinds = {"str": str, "int": int, "float": float}
    with path.open(newline="") as lines:
        trials = [
            Trial(*(kinds[str(field.type)](row[field.name]) for field in fields(Trial)))
            for row in csv.DictReader(lines)
        ]
    return {trial.question: trial for trial in trials}


def search(path: Path, movies: Path, jobs: int) -> list[Stage]:
    """Return the stages; each trial is in the file as soon as it is done."""
    known = read_trials(path)

    def answer(trials: list[Trial]) -> list[Trial]:
        running = [pool.submit(tried, trial, movies) for trial in trials if trial.question not in known]
        for done in as_completed(running):
            known[done.result().question] = done.result()
            write_output(path, csv_text([vars(trial) for trial in known.values()]).encode())
        return [known[trial.question] for trial in trials]

    # A spawned process has none of the threads of this one, which a fork of PyTorch would wait for.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return stages(answer)


def page(found: Sequence[Stage]) -> str:
    """Return the page."""
    chosen = found[-1].best
    lines = [
        "# The defaults of training for PyTorch modules",
        "Chosen on the validation tasks (P20) of MovieLens-100K and MovieLens latest-small, with three modules as "
        "users write them: a two-tower model (inner product of vectors of 32), a weighted product (the same with "
        "learnt weights) and the perceptron of the blog post. No test task was scored. `results/tuning/modules.py` "
        "makes this page; `modules.csv` has the trials.",
        f"Each trial is one seed with Adam and {START['n_negatives']} negatives. It ends after {MOST_EPOCHS} epochs, "
        f"or when NDCG@10 has not risen for {PATIENCE}; figures are NDCG@10 after the best epoch. The last column is "
        "the mean of these figures, each in units of the best of its column: the highest is chosen.",
    ]
    for number, stage in enumerate(found, 1):
        lines += [f"## Stage {number}", _table(stage)]
    lines += [
        "## Chosen",
        ", ".join(f"`{name}={value}`" for name, value in chosen.items())
        + "; `epochs` is the rounded mean of the best epochs of this setting's trials.",
    ]
    return "\n\n".join(lines) + "\n"


def _table(stage: Stage) -> str:
    places = list(product(MODULES, DATASETS))
    figures = {(trial.question[2:], trial.place): trial for trial in stage.trials}
    rows = [
        [
            *setting,
            *(accuracy_text(figures[setting, place].ndcg) for place in places),
            f"{share:.3f}",
        ]
        for setting, share in stage.shares.items()
    ]
    headers = [*START, *(f"{module}, {dataset}" for module, dataset in places), "share"]
    return str(tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True))


def main() -> None:
    """Search, and write the trials and the page."""
    parser = argparse.ArgumentParser(description="Choose the defaults of training that a PyTorch module gets.")
    parser.add_argument("--movies", type=Path, required=True, help="ratings.csv of MovieLens latest-small")
    parser.add_argument("--jobs", type=int, default=2, help="trials at once, each with one thread")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    found = search(HERE / "modules.csv", options.movies, options.jobs)
    trials = {trial.question: trial for stage in found for trial in stage.trials}
    write_output(HERE / "modules.csv", csv_text([vars(trial) for trial in trials.values()]).encode())
    write_output(HERE / "modules.md", page(found).encode())


if __name__ == "__main__":
    main()

"""The description of a study: datasets, recommenders, how they are run and tuned, and what is compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.choices import choose
from bench.machine.devices.words import AUTO, FLOAT32
from bench.options import DEFAULT_FULL_LIMIT, DEFAULT_PATIENCE, DEFAULT_TIMEOUT, READERS, read
from bench.records.groups import check_label
from bench.records.labels import names_of_rows
from bench.studies.collecting import TUNING
from protocol.errors import RecommenderError
from protocol.evaluation.metrics import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.choices import Choice, Named
    from bench.names import View
    from bench.records.labels import Labels
    from bench.studies.datasets import StudyDataset


@dataclass(frozen=True)
class Tuning:
    """The search for parameters before a run, with one budget for each recommender on each dataset.

    Parameters
    ----------
    trials, seconds
        The budget (see `bench.tuning.budget.Budget`).
    search_seed, seeds, patience, spaces
        As for `bench.tune`.
    """

    trials: int | None = None
    seconds: float | None = None
    search_seed: int | None = None
    seeds: tuple[int, ...] = (0,)
    patience: int = DEFAULT_PATIENCE
    spaces: Path | None = None


@dataclass(frozen=True)
class Compared:
    """What the table over datasets shows.

    Parameters
    ----------
    metric, k
        The metric and its cut-off.
    view
        None for the first one that all datasets have.
    baseline
        The row that the others are tested against within each dataset, if it was named beforehand.
    """

    metric: str = PRIMARY
    k: int = 10
    view: View | None = None
    baseline: str | None = None

    def changed(self, **given: Any) -> Compared:
        """Return this with other values in place of some; None leaves one as it is."""
        return replace(self, **{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """A study, each option read and checked.

    Parameters
    ----------
    datasets
        At least one, with names of their own.
    recommenders, plugins, labels, seeds, patience, full_limit, threads, timeout, memory, device, precision, on,
    same_machine
        As for `bench.run`, for each dataset.
    keep_models, go_on
        As for `bench.run`, for each dataset.
    tuning
        None where nothing is searched for.
    compared
        What the table shows.
    out
        The folder with a folder of results for each dataset; None for the folders that `bench.run` has by default.
    is_plain_run
        Whether it describes `bench.run` on one dataset, whose results are in ``out`` itself.
    """

    datasets: tuple[StudyDataset, ...]
    recommenders: tuple[Named, ...] | None = None
    plugins: tuple[Named, ...] = ()
    labels: Labels = ()
    seeds: tuple[int, ...] = (0,)
    patience: int | None = None
    full_limit: int = DEFAULT_FULL_LIMIT
    threads: int | None = None
    timeout: float = DEFAULT_TIMEOUT
    memory: int | None = None
    device: str = AUTO
    precision: str = FLOAT32
    on: str | None = None
    same_machine: bool = False
    keep_models: bool = False
    go_on: bool = False
    tuning: Tuning | None = None
    compared: Compared = Compared()
    out: Path | None = None
    is_plain_run: bool = False

    @property
    def named(self) -> Sequence[Named]:
        """What is run, as `bench.run` takes it: without names, it would take the recommenders of a file."""
        return self.recommenders or [choice.label for choice in self.choices()]

    @property
    def of_measuring(self) -> dict[str, Any]:
        """The options about what is measured, under the names that `bench.run` gives them."""
        return self._options(("plugins", "seeds", "patience", "full_limit", "device", "precision"))

    @property
    def of_jobs(self) -> dict[str, Any]:
        """The options about how jobs run, under the names that `bench.run` and `bench.tune` give them."""
        names = ("threads", "timeout", "memory", "device", "precision", "on", "same_machine", "go_on")
        return self._options(names)

    def _options(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}

    def folder_of(self, dataset: StudyDataset) -> Path | None:
        """Return the folder of a dataset's results; None for the one that `bench.run` has by default."""
        if self.out is None or self.is_plain_run:
            return self.out
        return self.out / dataset.folder_name

    def search_folder_of(self, dataset: StudyDataset) -> Path | None:
        """Return the folder of a dataset's search; None for the one that `bench.tune` has by default."""
        return None if self.out is None else self.out / TUNING / dataset.folder_name

    def choices(self) -> list[Choice]:
        """Return what is run on each dataset, before anything is tuned.

        Raises
        ------
        RecbenchError
            If a recommender, a plug-in, a label or the baseline is unknown, or there is nothing to run.
        """
        choices = choose(self.recommenders, self.plugins)
        if not choices:
            raise RecommenderError("no recommender is named; name one, or leave recommenders out for the default suite")
        names = names_of_rows(self.labels, {choice.label: choice.entry.name for choice in choices})
        choices = [replace(choice, display_name=names.get(choice.label)) for choice in choices]
        if self.compared.baseline is not None:
            check_label(self.compared.baseline, [choice.row_name for choice in choices])
        return choices

    def with_table(self, *, out: Path | None = None, **compared: Any) -> Study:
        """Return the study with another folder, or another table; None leaves one as it is."""
        return replace(self, out=out or self.out, compared=self.compared.changed(**compared))


def study_of_options(datasets: tuple[StudyDataset, ...], options: Mapping[str, Any]) -> Study:
    """Return the study that options describe, which are read as those of `bench.run` and `bench.study`.

    Parameters
    ----------
    options
        Fields of `Study`, and ``trials`` and ``seconds``: the budget of a search for each recommender on each dataset.

    Raises
    ------
    ProtocolError
        If an option does not take its value.
    """
    given = {name: read(name, value) if name in READERS else value for name, value in options.items()}
    budget = {name: given.pop(name) for name in ("trials", "seconds") if name in given}
    for name in ("recommenders", "plugins"):
        if name in given:
            one = given[name]
            given[name] = (one,) if isinstance(one, str | Path | type) else tuple(one)
    # A search knows a class by the name of its plug-in.
    classes = [one for one in given.get("recommenders", ()) if isinstance(one, type)]
    given["plugins"] = (*given.get("plugins", ()), *classes)
    return Study(datasets=datasets, tuning=Tuning(**budget) if budget else None, **given)


def tuned_names(choices: Iterable[Choice], spaces: Mapping[str, Any], declares_space: Mapping[str, bool]) -> list[str]:
    """Return the names of the recommenders that a study tunes: those that have a search space.

    Parameters
    ----------
    spaces
        Of the file that the study names, by recommender.
    declares_space
        By recommender, whether its class declares one.

    Raises
    ------
    RecommenderError
        If one of them is named more than once: the search would find parameters for all its rows at once.
    """
    names = [choice.entry.name for choice in choices]
    found = [name for name in dict.fromkeys(names) if name in spaces or declares_space[name]]
    twice = [name for name in found if names.count(name) > 1]
    if twice:
        raise RecommenderError(
            f"{twice[0]} is named {names.count(twice[0])} times, and a search is for each recommender once; name it "
            "once, or leave the tuning out"
        )
    return found

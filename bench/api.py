"""What `recbench` does, as functions: the same names and options, data frames for answers."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.captions import STAND_IN_NOTE
from bench.names import DEFAULT_VIEWS, file_name
from bench.table import to_frame
from protocol.errors import DatasetError
from protocol.task import build_task, build_validation_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from bench.checks import CheckResult
    from bench.diagnosis import Finding
    from bench.names import ExportFormat, Metric, View
    from bench.search import Search
    from bench.store import Record
    from bench.suite import Choice
    from bench.trials import Trial
    from protocol.candidates import ShortUsers
    from protocol.dataset import Dataset
    from protocol.task import Task

DEFAULT_DATASET, STAND_IN = "ml-100k", "synthetic"
DEFAULT_TIMEOUT = 3600.0
DEFAULT_FULL_LIMIT = 1_000_000_000
DEFAULT_PATIENCE = 5


@dataclass(frozen=True)
class Data:
    """Which interactions, and by which protocol they are split: options of the command line, by their names.

    Parameters
    ----------
    dataset
        A name or a path; None for the default, with leave to go on with synthetic data.
    columns, min_rating, core, data_dir
        See `protocol.dataset.load_dataset`.
    protocol_seed, negatives, short_users, split
        See `protocol.task.build_task`.
    """

    dataset: str | None = None
    columns: Mapping[str, str] | None = None
    min_rating: float | None = None
    core: int | None = None
    data_dir: Path | None = None
    protocol_seed: int = 0
    negatives: int = 100
    short_users: ShortUsers = "error"
    split: str = "last"

    def load(self) -> Dataset:
        """Read the dataset.

        Raises
        ------
        DatasetError
            If a dataset that was named cannot be had, or does not hold what was asked for.
        """
        from protocol.dataset import load_dataset

        options: dict[str, Any] = {"columns": self.columns, "min_rating": self.min_rating, "core": self.core}
        try:
            name = DEFAULT_DATASET if self.dataset is None else self.dataset
            return load_dataset(name, data_dir=self.data_dir, **options)
        except DatasetError as error:
            # Whoever named a dataset, or says how to read one, does not mean another.
            if self.dataset is not None or any(value is not None for value in options.values()):
                raise
            print(f"{error}\nNo dataset was named, so this goes on with SYNTHETIC DATA.", file=sys.stderr)
        dataset = load_dataset(STAND_IN)
        return replace(dataset, notes=(*dataset.notes, STAND_IN_NOTE))

    def named(self) -> Data:
        """Return these data with the default by its name: synthetic data do not stand in for it then."""
        return replace(self, dataset=DEFAULT_DATASET if self.dataset is None else self.dataset)

    def test_task(self, dataset: Dataset) -> Task:
        """Return the task that is scored once."""
        return build_task(dataset, **self._protocol())

    def validation_task(self, dataset: Dataset) -> Task:
        """Return the task for everything that selects."""
        return build_validation_task(dataset, **self._protocol())

    def _protocol(self) -> dict[str, Any]:
        return {
            "protocol_seed": self.protocol_seed,
            "n_negatives": self.negatives,
            "short_users": self.short_users,
            "split": self.split,
        }

    def folder(self, dataset: Dataset, task: Task) -> Path:
        """Return where results go by default: named for the dataset and, off the default protocol, for the task."""
        path = file_name(dataset.name)
        usual = Data(dataset=self.dataset, data_dir=self.data_dir)
        return Path("runs") / (path if self == usual else f"{path}-{task.digest[:8]}")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run left behind.

    Parameters
    ----------
    records
        Of the recommenders and seeds asked for, found or made.
    folder
        Where they lie.
    """

    records: tuple[Record, ...]
    folder: Path

    @property
    def n_failed(self) -> int:
        """How many jobs failed."""
        return sum(record.failed for record in self.records)


def run(
    dataset: str | None = None,
    recommenders: Sequence[str] | None = None,
    *,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    k: Sequence[int] = (10,),
    columns: Mapping[str, str] | None = None,
    min_rating: float | None = None,
    core: int | None = None,
    data_dir: Path | None = None,
    protocol_seed: int = 0,
    negatives: int = 100,
    short_users: ShortUsers = "error",
    split: str = "last",
    early_stopping: int | None = None,
    full_limit: int = DEFAULT_FULL_LIMIT,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    out: Path | str | None = None,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    every_figure: bool = False,
    params: Path | str | None = None,
) -> pd.DataFrame:
    """Fit and score recommenders on one dataset, each in a process of its own.

    What was finished before is not fitted again. ``bench.run("synthetic", ["popularity", "ease:reg=500"])``.

    Parameters
    ----------
    dataset
        A name that `datasets` knows, or a path; ml-100k by default.
    recommenders
        Each ``NAME`` or ``NAME:param=value,...``; the default suite where none is named (see `recommenders`).
    plugins
        Each ``FILE.py``, ``FILE.py:Name`` or ``package.module:Name``: classes to run with them.
    seeds
        Training seeds; deterministic recommenders run once.
    k
        Cut-offs of hit rate and NDCG; the first one sorts.
    columns, min_rating, core, data_dir
        See `protocol.dataset.load_dataset`.
    protocol_seed, negatives, short_users, split
        See `protocol.task.build_task`.
    early_stopping
        Epochs without a better validation NDCG@10 after which selection stops; None fits the epochs given.
    full_limit
        The most (user, item) pairs for which the whole catalogue is ranked beside the drawn negatives.
    threads
        Of each job; by default the physical cores that this process may use.
    timeout
        Seconds after which a job is stopped.
    memory
        Bytes; a job whose processes hold more is stopped. None for no limit.
    out
        The folder for records; ``runs/DATASET`` by default.
    views, baseline, beyond_accuracy, every_figure
        Which columns the frame has, and what is tested: see `bench.table.to_frame`.
    params
        What `tune` or `select` wrote: parameters where ``recommenders`` gives none.

    Returns
    -------
    pd.DataFrame
        See `bench.table.to_frame`.

    Raises
    ------
    RecbenchError
        If the data cannot be had, the protocol cannot be applied, or a recommender is unknown. A recommender that
        fails is no error but a row.
    """
    outcome = run_records(
        Data(dataset, columns, min_rating, core, data_dir, protocol_seed, negatives, short_users, split),
        recommenders,
        plugins=plugins,
        seeds=seeds,
        early_stopping=early_stopping,
        full_limit=full_limit,
        threads=threads,
        timeout=timeout,
        memory=memory,
        out=out,
        baseline=baseline,
        params=params,
    )
    return to_frame(
        outcome.records,
        k,
        views=views,
        baseline=baseline,
        beyond_accuracy=beyond_accuracy,
        every_figure=every_figure,
    )


def run_records(
    data: Data,
    recommenders: Sequence[str] | None = None,
    *,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    early_stopping: int | None = None,
    full_limit: int = DEFAULT_FULL_LIMIT,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    out: Path | str | None = None,
    baseline: str | None = None,
    params: Path | str | None = None,
    quiet: bool = False,
) -> Outcome:
    """Do what `run` does, and return the records.

    Parameters
    ----------
    baseline
        What must be among the recommenders, which is known before anything is fitted.
    quiet
        Whether to show no progress.
    """
    from bench.environment import describe_environment, physical_cores
    from bench.groups import check_label
    from bench.plan import plan_jobs
    from bench.progress import make_progress
    from bench.runner import run_jobs
    from bench.store import Store
    from bench.suite import choose
    from bench.tuned import read_tuned

    tuned = None if params is None else read_tuned(Path(params))
    choices = tuned.choose(recommenders, plugins) if tuned else choose(recommenders, plugins)
    if baseline is not None:
        check_label(baseline, [choice.label for choice in choices])
    dataset = data.load()
    task = data.test_task(dataset)
    validation = data.validation_task(dataset) if early_stopping or tuned else None
    if tuned and validation and (warning := tuned.warning(dataset.name, validation.digest)):
        print(f"recbench: warning: {warning}", file=sys.stderr)
    jobs = plan_jobs(
        choices,
        seeds,
        threads=threads or physical_cores(),
        environment=describe_environment(),
        task=task,
        validation=validation if early_stopping else None,
        patience=early_stopping,
        full_limit=full_limit,
    )
    folder = Path(out) if out else data.folder(dataset, task)
    records = run_jobs(jobs, Store(folder), timeout=timeout, memory=memory, progress=make_progress(quiet=quiet))
    return Outcome(tuple(records), folder)


def score(
    scores: Path | str,
    dataset: str | None = None,
    *,
    label: str | None = None,
    k: Sequence[int] = (10,),
    out: Path | str | None = None,
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    every_figure: bool = False,
    **data: Any,
) -> pd.DataFrame:
    """Rank the scores that another program wrote, and return the table with them as a row.

    Parameters
    ----------
    scores
        A file, or a folder of files; see `bench.scores.read_scores`.
    dataset
        As for `run`; ml-100k by default.
    label
        What the row is called; by default the file's name without its ending.
    out
        The folder of the table's other records; ``runs/DATASET`` by default.
    k, views, baseline, every_figure
        See `bench.table.to_frame`.
    data
        Further options of `Data`, such as ``protocol_seed``.

    Raises
    ------
    RecbenchError
        If the data cannot be had, not every candidate has one finite score, ``out`` holds another task's records, or
        no row is called like the baseline; then nothing is written.
    """
    outcome = score_records(Path(scores), Data(dataset, **data), label=label, out=out, baseline=baseline)
    return to_frame(outcome.records, k, views=views, baseline=baseline, every_figure=every_figure)


def score_records(
    scores: Path,
    data: Data,
    *,
    label: str | None = None,
    out: Path | str | None = None,
    baseline: str | None = None,
) -> Outcome:
    """Do what `score` does, and return all records of the folder."""
    from bench.external import external_record
    from bench.groups import check_label, group_records
    from bench.store import Store

    data = data.named()
    dataset = data.load()
    task = data.test_task(dataset)
    record = external_record(scores, dataset, task, scores.resolve().name.split(".")[0] if label is None else label)
    folder = Path(out) if out else data.folder(dataset, task)
    store = Store(folder)
    records = [] if store.is_empty else store.records()
    is_new = record.document["key"] not in {other.document["key"] for other in records}
    records += [record] * is_new
    groups = group_records(records)
    if baseline is not None:
        check_label(baseline, [group.label for group in groups])
    if is_new:
        store.add(record)
    return Outcome(tuple(records), folder)


def export(
    form: ExportFormat,
    out: Path | str,
    dataset: str | None = None,
    *,
    scores: Path | str | None = None,
    **data: Any,
) -> list[Path]:
    """Write a dataset's task as other people's code reads it, and return the files.

    ``bench.export("parquet", "tables", "ml-100k")``.

    Parameters
    ----------
    form, scores
        See `bench.exporting.export_task`.
    out
        The folder to write to.
    data
        Further options of `Data`, such as ``protocol_seed``.

    Raises
    ------
    RecbenchError
        If the data cannot be had, the format cannot hold them, or a file is there already.
    """
    files, terms = export_files(form, Path(out), Data(dataset, **data), scores=None if scores is None else Path(scores))
    if terms:
        print(terms, file=sys.stderr)
    return files


def export_files(
    form: ExportFormat, folder: Path, data: Data, *, scores: Path | None = None
) -> tuple[list[Path], str | None]:
    """Do what `export` does, and return what the dataset's terms ask for, too, if that is known."""
    from bench.exporting import export_task, terms_of, warning_of

    data = data.named()
    dataset = data.load()
    task = data.test_task(dataset)
    files = export_task(dataset, task, form, folder, scores=scores)
    if warning := warning_of(task, form):
        print(f"recbench: warning: {warning}", file=sys.stderr)
    return files, terms_of(dataset)


def stored_records(results: Path | str) -> list[Record]:
    """Return the records in a results folder.

    Raises
    ------
    ProtocolError
        If there are none, or one is damaged.
    """
    from bench.store import Store

    return Store(Path(results)).records()


def select(
    grid: Path | str,
    dataset: str | None = None,
    *,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    n_parallel: int = 1,
    out: Path | str | None = None,
    **data: Any,
) -> pd.DataFrame:
    """Try every combination of a grid on the validation task, and return the trials.

    Parameters
    ----------
    grid
        A TOML file; see `bench.grid.read_grid`.
    n_parallel
        How many trials run at once.
    data
        Further options of `Data`, such as ``protocol_seed``.

    Returns
    -------
    pd.DataFrame
        One row per combination and seed: the columns of ``trials.csv``.
    """
    import pandas as pd

    from bench.trials import trial_rows

    search = select_records(
        Path(grid),
        Data(dataset, **data),
        plugins=plugins,
        seeds=seeds,
        patience=patience,
        threads=threads,
        timeout=timeout,
        memory=memory,
        n_parallel=n_parallel,
        out=out,
    )
    return pd.DataFrame(trial_rows(search.trials))


def select_records(
    grid: Path,
    data: Data,
    *,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    n_parallel: int = 1,
    out: Path | str | None = None,
) -> Search:
    """Do what `select` does, and return the trials and where they lie."""
    from bench.environment import physical_cores
    from bench.grid import read_grid, selected_toml
    from bench.progress import make_progress
    from bench.search import SELECTED, Search, TrialRunner
    from bench.suite import plugin_entries
    from bench.trials import best_of

    choices = read_grid(grid, plugin_entries(plugins))
    dataset = data.load()
    task = data.validation_task(dataset)
    folder = Path(out) if out else Path("runs", "selection", data.folder(dataset, task).name)
    runner = TrialRunner(task, folder, seeds, patience, threads or physical_cores(), timeout, memory, n_parallel)
    search = Search(tuple(runner.run(choices, make_progress())), folder, SELECTED)
    best = best_of(search.trials)
    search.write(selected_toml(best, dataset=dataset.name, digest=task.digest, seeds=seeds, patience=patience))
    return search


def tune(
    dataset: str | None = None,
    recommenders: Sequence[str] | None = None,
    *,
    trials: int | None = None,
    seconds: float | None = None,
    spaces: Path | str | None = None,
    search_seed: int = 0,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    n_parallel: int = 1,
    out: Path | str | None = None,
    **data: Any,
) -> pd.DataFrame:
    """Search for hyper-parameters on the validation task, with the same budget for all, and return the trials.

    ``bench.tune("ml-100k", ["als", "ease"], trials=30)``.

    Parameters
    ----------
    recommenders
        Each ``NAME`` or ``NAME:param=value,...``, which fixes parameters; by default those of ``spaces``, or
        those of the default suite that declare a search space.
    trials, seconds
        The budget, one of the two or both; see `bench.tuning.Budget`.
    spaces
        A TOML file; see `bench.spaces.space_of`.
    search_seed
        Decides what is tried.
    n_parallel
        How many recommenders are tried at once.
    data
        Further options of `Data`, such as ``protocol_seed``.

    Returns
    -------
    pd.DataFrame
        One row per combination and seed: the columns of ``trials.csv``.

    Raises
    ------
    RecbenchError
        If Optuna is not installed, there is no budget, a search space is missing or faulty, or the data cannot be had.
    """
    import pandas as pd

    from bench.trials import trial_rows

    search = tune_records(
        Data(dataset, **data),
        recommenders,
        trials=trials,
        seconds=seconds,
        spaces=None if spaces is None else Path(spaces),
        search_seed=search_seed,
        plugins=plugins,
        seeds=seeds,
        patience=patience,
        threads=threads,
        timeout=timeout,
        memory=memory,
        n_parallel=n_parallel,
        out=out,
    )
    return pd.DataFrame(trial_rows(search.trials))


def tune_records(
    data: Data,
    recommenders: Sequence[str] | None = None,
    *,
    trials: int | None = None,
    seconds: float | None = None,
    spaces: Path | None = None,
    search_seed: int = 0,
    plugins: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    patience: int = DEFAULT_PATIENCE,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | None = None,
    n_parallel: int = 1,
    out: Path | str | None = None,
) -> Search:
    """Do what `tune` does, and return the trials and where they lie."""
    from bench.environment import physical_cores
    from bench.progress import Round, make_progress
    from bench.search import TUNED, Search, TrialRunner
    from bench.spaces import read_spaces, tunable
    from bench.suite import choose, plugin_entries
    from bench.trials import best_of
    from bench.tuning import Budget, make_tuners, tuned_toml
    from bench.tuning import tune as spend

    budget = Budget(trials, seconds)
    given = read_spaces(spaces, plugin_entries(plugins)) if spaces else {}
    choices = choose(recommenders or list(given or tunable()), plugins)
    tuners = make_tuners(choices, given, seed=search_seed)
    dataset = data.load()
    task = data.validation_task(dataset)
    folder = Path(out) if out else Path("runs", "tuning", data.folder(dataset, task).name)
    runner = TrialRunner(task, folder, seeds, patience, threads or physical_cores(), timeout, memory, n_parallel)

    def run(number: int, suggested: Sequence[Choice]) -> list[Trial]:
        most = "" if trials is None else f" of {trials}" if seconds is None else f" of at most {trials}"
        return runner.run(suggested, Round(f"trial {number}{most} of each recommender:", make_progress()))

    search = Search(tuple(spend(tuners, budget, run)), folder, TUNED)
    best = tuned_toml(
        best_of(search.trials),
        budget,
        dataset=dataset.name,
        digest=task.digest,
        search_seed=search_seed,
        seeds=seeds,
        patience=patience,
    )
    search.write(best)
    return search


def read_table(
    results: Path | str,
    *,
    k: Sequence[int] = (10,),
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    every_figure: bool = False,
) -> pd.DataFrame:
    """Return the table of the records in a folder; see `bench.table.to_frame`.

    Raises
    ------
    RecbenchError
        If the folder holds no records, or those of different tasks, or no row is called like the baseline.
    """
    return to_frame(
        stored_records(results),
        k,
        views=views,
        baseline=baseline,
        beyond_accuracy=beyond_accuracy,
        every_figure=every_figure,
    )


def compare(
    results: Path | str, ours: str, theirs: str, *, metric: Metric = "NDCG", view: View | None = None, k: int = 10
) -> pd.DataFrame:
    """Compare two rows of a table, over all users and over slices of them; see `bench.comparison_table.to_frame`.

    ``bench.compare("runs/ml-100k", "als", "ease:reg=500")``.

    Parameters
    ----------
    ours, theirs
        Rows as the table calls them.
    metric
        ``"NDCG"`` or ``"HR"``.
    view
        ``"sampled"``, ``"expected"`` or ``"full"``; by default the one that the task is measured by.

    Raises
    ------
    RecbenchError
        If the folder holds no records, a row is unknown or failed, or the view is not to be had.
    """
    from bench import comparison_table
    from bench.comparison import compare_rows

    return comparison_table.to_frame(compare_rows(stored_records(results), ours, theirs, metric, view, k))


def verify(
    results: Path | str,
    dataset: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    min_rating: float | None = None,
    core: int | None = None,
    data_dir: Path | None = None,
    offline: bool = False,
) -> pd.DataFrame:
    """Return the outcome of each check of stored results: ``status`` (ok, warn, fail) and ``message``.

    Parameters
    ----------
    dataset
        By default the one that the records name.
    columns, min_rating, core, data_dir
        See `protocol.dataset.load_dataset`.
    offline
        Whether to fetch nothing; then what was not checked is a warning.

    Raises
    ------
    RecbenchError
        If the folder holds no records, or a dataset that was named cannot be had.
    """
    import pandas as pd

    findings = iter_verify(results, Data(dataset, columns, min_rating, core, data_dir), offline=offline)
    return pd.DataFrame([vars(finding) for finding in findings]).set_index("name")


def iter_verify(results: Path | str, data: Data, *, offline: bool = False) -> Iterator[Finding]:
    """Yield the outcome of each check of stored results as soon as it is known."""
    from bench.verification import verify_results

    return verify_results(Path(results), data, offline=offline)


def recommenders(plugins: Sequence[str] = ()) -> pd.DataFrame:
    """Return the recommenders by name: parameters with defaults, kind, origin and, for broken ones, the problem."""
    import pandas as pd

    from bench.catalogue import listed_recommenders, recommender_rows

    return pd.DataFrame(recommender_rows(listed_recommenders(plugins))).set_index("name")


def datasets() -> pd.DataFrame:
    """Return the datasets by name: sizes, terms, and whether they are at hand."""
    import pandas as pd

    from bench.catalogue import dataset_rows

    return pd.DataFrame(dataset_rows()).set_index("name")


def check(recommender: str) -> pd.DataFrame:
    """Return the outcome of each conformance check of a recommender: ``status`` (ok, warn, fail, skip) and ``message``.

    Parameters
    ----------
    recommender
        ``NAME``, ``FILE.py``, ``FILE.py:Name`` or ``package.module:Name``, each with ``:param=value,...`` behind it if
        need be.
    """
    import pandas as pd

    rows = [(result.name, result.status, result.message) for result in iter_checks(recommender)]
    return pd.DataFrame(rows, columns=["name", "status", "message"]).set_index("name")


def iter_checks(recommender: str) -> Iterator[CheckResult]:
    """Yield the outcome of each conformance check as soon as it is known."""
    from bench.checks import check_recommender
    from bench.suite import choose_one

    choice = choose_one(recommender)
    return check_recommender(choice.entry, choice.parameters)


def doctor() -> pd.DataFrame:
    """Return what was found of this installation: ``status`` (ok, warn, fail) and ``message``."""
    import pandas as pd

    from bench.diagnosis import examine

    return pd.DataFrame([vars(finding) for finding in examine()]).set_index("name")

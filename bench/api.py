"""What `recbench` does, as functions: the same names and options, data frames for answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.export import export_files
from bench.actions.run import DEFAULT_FULL_LIMIT, DEFAULT_TIMEOUT, run_records
from bench.actions.score import score_records
from bench.actions.tune import DEFAULT_PATIENCE, select_records, tune_records
from bench.data import Data
from bench.names import DEFAULT_VIEWS
from bench.tables.results import to_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from bench.checks import CheckResult
    from bench.findings import Finding
    from bench.names import ExportFormat, Metric, View
    from bench.records.record import Record
    from protocol.tasks.candidates import ShortUsers


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
        See `protocol.data.loading.load_dataset`.
    protocol_seed, negatives, short_users, split
        See `protocol.tasks.task.build_task`.
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
        Which columns the frame has, and what is tested: see `bench.tables.results.to_frame`.
    params
        What `tune` or `select` wrote: parameters where ``recommenders`` gives none.

    Returns
    -------
    pd.DataFrame
        See `bench.tables.results.to_frame`.

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
        A file, or a folder of files; see `bench.exchange.scores.read_scores`.
    dataset
        As for `run`; ml-100k by default.
    label
        What the row is called; by default the file's name without its ending.
    out
        The folder of the table's other records; ``runs/DATASET`` by default.
    k, views, baseline, every_figure
        See `bench.tables.results.to_frame`.
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
        See `bench.exchange.exporting.export_task`.
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


def stored_records(results: Path | str) -> list[Record]:
    """Return the records in a results folder.

    Raises
    ------
    ProtocolError
        If there are none, or one is damaged.
    """
    from bench.records.store import Store

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
        A TOML file; see `bench.tuning.grid.read_grid`.
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

    from bench.tuning.trials import trial_rows

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
        The budget, one of the two or both; see `bench.tuning.budget.Budget`.
    spaces
        A TOML file; see `bench.tuning.spaces.space_of`.
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

    from bench.tuning.trials import trial_rows

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


def read_table(
    results: Path | str,
    *,
    k: Sequence[int] = (10,),
    views: Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    every_figure: bool = False,
) -> pd.DataFrame:
    """Return the table of the records in a folder; see `bench.tables.results.to_frame`.

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
    """Compare two rows of a table, over all users and over slices of them; see `bench.tables.head_to_head.to_frame`.

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
    from bench.analysis.head_to_head import compare_rows
    from bench.tables import head_to_head as comparison_table

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
        See `protocol.data.loading.load_dataset`.
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
    from bench.audit.verification import verify_results

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
    from bench.choices import choose_one

    choice = choose_one(recommender)
    return check_recommender(choice.entry, choice.parameters)


def doctor() -> pd.DataFrame:
    """Return what was found of this installation: ``status`` (ok, warn, fail) and ``message``."""
    import pandas as pd

    from bench.diagnosis.installation import examine

    return pd.DataFrame([vars(finding) for finding in examine()]).set_index("name")

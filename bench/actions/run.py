"""Fit and score recommenders on one dataset."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.results import Results, ResultsOverSplits, TableOptions, check_shown_over_splits
from bench.data import data_of
from bench.names import DEFAULT_VIEWS
from bench.options import DEFAULT_FULL_LIMIT, DEFAULT_TIMEOUT, read
from protocol.errors import ProtocolError, RecbenchWarning, RecommenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor
    from typing import Unpack

    from bench.choices import Named
    from bench.data import Data, DataOptions, Source
    from bench.names import View
    from bench.records.labels import Labels
    from bench.records.record import Record
    from bench.running.plan import Job


def run(
    dataset: Source | Data | None = None,
    recommenders: Named | Iterable[Named] | None = None,
    *,
    plugins: Named | Iterable[Named] = (),
    params: Path | str | None = None,
    labels: Labels = (),
    seeds: int | str | Iterable[int] = 0,
    patience: int | None = None,
    full_limit: int = DEFAULT_FULL_LIMIT,
    threads: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | str | None = None,
    device: str = "auto",
    precision: str = "float32",
    on: str | None = None,
    executor: Executor | None = None,
    out: Path | str | None = None,
    k: int | str | Sequence[int] = 10,
    metrics: str | Sequence[str] | None = None,
    views: str | Sequence[View] = DEFAULT_VIEWS,
    baseline: str | None = None,
    beyond_accuracy: bool = False,
    slices: bool = False,
    repeat_splits: int | None = None,
    refit: bool = False,
    keep_models: bool = False,
    quiet: bool = False,
    **data: Unpack[DataOptions],
) -> Results:
    """Fit and score recommenders on one dataset, each in a process of its own.

    Finished jobs are stored, and are not fitted again while the files and libraries that they used are the same. A
    wrong option is an error before anything is fitted.

    ``bench.run("synthetic", ["popularity", "ease:reg=500"])``.

    Parameters
    ----------
    dataset
        A name that `bench.datasets` shows, a path, a DataFrame with the columns user, item and timestamp, or a
        `bench.Data`; ml-100k by default.
    recommenders
        ``"NAME"``, ``"NAME:param=value,..."`` or a class with ``fit`` and ``score``, one or several; the default suite
        where none is named (see `bench.recommenders`).
    plugins
        ``"FILE.py"``, ``"FILE.py:Name"``, ``"package.module:Name"``, ``"FILE.toml"`` or a class, one or several: what
        to run beside ``recommenders``, which may name them with parameters.
    params
        A file that `bench.tune` wrote: its parameters are taken where ``recommenders`` gives none.
    labels
        What the table is to call rows: ``{"ease:reg=500": "EASE"}``, or ``"ease:reg=500=EASE"``, one or several. A row
        is given by its recommender and parameters as ``recommenders`` has them, or by the recommender's name where it
        has one row. The names are stored with the records; those of a table ``[labels]`` in ``params`` come second.
    seeds
        Training seeds: ``3`` is the one seed 3, ``range(3)`` and ``"0-2"`` are three. Deterministic recommenders run
        once.
    patience
        Epochs without a better validation NDCG@10 after which selection stops; the recommender is then fitted again
        with the best number of epochs. None fits the epochs given.
    full_limit
        The most (user, item) pairs for which the whole catalogue is ranked beside the drawn negatives.
    threads
        Of each job; by default the physical cores that this process may use, and 1 where ``on`` names another place or
        several jobs run at once.
    timeout
        Seconds after which a job is stopped.
    memory
        ``"4GiB"``, or bytes; a job whose processes hold more is stopped. None for no limit.
    device
        Where recommenders compute that take a device: ``"auto"`` (the best one there is), ``"cpu"``, ``"cuda"``,
        ``"cuda:1"`` or ``"mps"``. All others compute on the processor.
    precision
        Of those recommenders: ``"float32"``, ``"tf32"`` or ``"bf16"`` (see
        `bench.machine.devices.words.PRECISIONS`).
    on
        Where jobs run: ``"local"`` (the default), ``"local:4"`` (four at once, each on cores of its own, their times
        marked as shared), ``"dask:ADDRESS"`` (the workers of a running scheduler of dask.distributed) or
        ``"slurm:partition=NAME,gpus=1"`` (jobs of Slurm).
    executor
        In place of ``on``: any `concurrent.futures.Executor`, whose workers have the same code.
    out
        The folder for records; ``runs/DATASET`` by default.
    k, metrics, views, baseline, beyond_accuracy, slices
        What the table shows and tests; see `bench.actions.results.TableOptions`.
    repeat_splits
        How many splits of the dataset to measure on, each of which is a task of its own; the table is then of means
        over them, and the records are in ``out/splits``. Of ``split="last"`` they have the next protocol seeds, of
        ``"random:7"`` the next seeds, and of ``"time:0.9"`` cuts from there down to half of it. None for one split.
    refit
        Whether to fit anew what is stored, too.
    keep_models
        Whether to store the fitted models, too, for `bench.recommend`. A job whose stored record has no model is fitted
        anew.
    quiet
        Whether to show no progress.
    data
        Further options of `bench.Data`: ``columns``, ``encoding``, ``ids``, ``missing``, ``min_rating``, ``core``,
        ``data_dir``, ``protocol_seed``, ``negatives``, ``short_users``, ``split``, ``name``.

    Returns
    -------
    Results
        It shows itself as the table; ``.frame`` is a data frame.

    Raises
    ------
    RecbenchError
        If an option does not take its value, a recommender is unknown, the data cannot be read, or the protocol cannot
        be applied. A recommender that fails is no error: its row says why.
    """
    from bench.choices import choose
    from bench.machine.devices.choosing import Asked
    from bench.machine.environment import describe_environment
    from bench.records.groups import check_label
    from bench.records.labels import check_distinct, names_of_rows
    from bench.records.results_folders import SPLITS, check_no_records, check_no_splits, folder_of_split
    from bench.records.store import Store
    from bench.running.device_texts import device_texts
    from bench.running.places.choosing import place_of
    from bench.running.plan import plan_jobs
    from bench.running.progress.choosing import make_progress
    from bench.running.runner import run_jobs
    from bench.tuning.tuned_choices import TunedChoices

    options = TableOptions().changed(
        k=k, metrics=metrics, views=views, baseline=baseline, beyond_accuracy=beyond_accuracy, slices=slices
    )
    place = place_of(read("on", on), executor)
    source = data_of(run, dataset, data)
    training_seeds: tuple[int, ...] = read("seeds", seeds)
    most_bytes: int | None = read("memory", memory)
    n_splits: int | None = read("repeat_splits", repeat_splits)
    patience, threads = read("patience", patience), read("threads", threads)
    keep_models = read("keep_models", keep_models)
    asked = Asked(read("device", device), read("precision", precision))
    if n_splits is not None:
        check_shown_over_splits(options)
    full_limit, timeout = read("full_limit", full_limit), read("timeout", timeout)
    tuned = None if params is None else TunedChoices.read(Path(params))
    choices = tuned.choose(recommenders, plugins) if tuned else choose(recommenders, plugins)
    if not choices:
        raise RecommenderError("no recommender is named; name one, or leave recommenders out for the default suite")
    rows = {choice.label: choice.entry.name for choice in choices}
    names = {**(tuned.names_of(rows) if tuned else {}), **names_of_rows(labels, rows)}
    check_distinct(names.get(label, label) for label in rows)
    choices = [replace(choice, display_name=names.get(choice.label)) for choice in choices]
    if baseline is not None:
        check_label(baseline, [choice.row_name for choice in choices])
    found = source.load()

    def planned(split: Data) -> list[Job]:
        validation = split.validation_task(found) if patience or tuned else None
        chosen = choices
        if tuned and validation:
            chosen = tuned.run_on(choices, validation.digest)
            if warning := tuned.warning(found.name, validation.digest):
                warnings.warn(warning, RecbenchWarning, stacklevel=3)
        return plan_jobs(
            chosen,
            training_seeds,
            threads=threads or place.threads,
            environment=describe_environment(),
            task=split.test_task(found),
            validation=validation if patience else None,
            patience=patience,
            full_limit=full_limit,
            asked=asked,
            elsewhere=place.is_elsewhere,
        )

    progress = make_progress(quiet=quiet)

    def tell_devices(jobs: Sequence[Job]) -> None:
        for text in device_texts(jobs, asked):
            progress.explained(text)

    def records_of(jobs: Sequence[Job], store: Store) -> list[Record]:
        return run_jobs(
            jobs,
            store,
            timeout=timeout,
            memory=most_bytes,
            progress=progress,
            place=place,
            refit=refit,
            keep_models=keep_models,
        )

    if n_splits is None:
        jobs = planned(source)
        folder = Path(out) if out else source.folder(found, jobs[0].task)
        check_no_splits(folder)
        tell_devices(jobs)
        return Results(tuple(records_of(jobs, Store(folder))), folder, options)
    # All splits are planned before any is run: one that is impossible is an error before anything is fitted.
    plans: dict[str, list[Job]] = {}
    for name, split in source.repeated(found, n_splits).items():
        try:
            plans[name] = planned(split)
        except ProtocolError as error:
            raise ProtocolError(f"the split {name}: {error}") from error
    usual = source.folder(found, next(iter(plans.values()))[0].task)
    folder = Path(out) if out else usual.with_name(f"{usual.name}-{SPLITS}")
    check_no_records(folder, "repeated splits")
    tell_devices([job for jobs in plans.values() for job in jobs])
    records = [
        record for name, jobs in plans.items() for record in records_of(jobs, Store(folder_of_split(folder, name)))
    ]
    return ResultsOverSplits(tuple(records), folder, options)

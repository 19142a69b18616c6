"""Fit and score recommenders on one dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.planned_run import plan_run
from bench.actions.results import Results, ResultsOverSplits, TableOptions, check_shown_over_splits
from bench.actions.tuned_run import search_before_run
from bench.data import data_of
from bench.names import DEFAULT_VIEWS
from bench.options import DEFAULT_FULL_LIMIT, DEFAULT_TIMEOUT, read
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from typing import Unpack

    from bench.choices import Named
    from bench.data import Data, DataOptions, Source
    from bench.names import View
    from bench.records.labels import Labels
    from bench.studies.description import Study


def run(
    dataset: Source | Data | None = None,
    recommenders: Named | Iterable[Named] | None = None,
    *,
    plugins: Named | Iterable[Named] = (),
    params: Path | str | None = None,
    tune: int | None = None,
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
    same_machine: bool = False,
    go_on: bool = False,
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
    tune
        How many combinations to search first for each recommender that has a search space, on the validation task (see
        `bench.tune`); the run then takes the best. The search is kept in ``out/tuning``, or where `bench.tune` keeps
        it; run again after a stop, it goes on. Excludes ``params`` and ``repeat_splits``. None for no search.
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
        The most (user, item) pairs for which the whole catalogue is ranked beside the drawn negatives; 0 for never.
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
    same_machine
        Whether all jobs run on one kind of machine, the kind that most workers have, so that their times can be
        compared.
    go_on
        Whether to run the others where recommenders cannot fit into the free memory, or into ``memory``; each of them
        is then a row that says so. Otherwise that is an error, before anything is fitted.
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
    from bench.records.results_folders import check_no_records, check_no_splits
    from bench.records.store import Store
    from bench.running.device_texts import device_texts
    from bench.running.given_options import given_options
    from bench.running.places.choosing import place_of
    from bench.running.progress.choosing import make_progress
    from bench.running.runner import run_jobs

    options = TableOptions().changed(
        k=k, metrics=metrics, views=views, baseline=baseline, beyond_accuracy=beyond_accuracy, slices=slices
    )
    place = place_of(read("on", on), executor, same_machine=read("same_machine", same_machine))
    timeout, keep_models = read("timeout", timeout), read("keep_models", keep_models)
    go_on = read("go_on", go_on)
    most_bytes: int | None = read("memory", memory)
    if read("repeat_splits", repeat_splits) is not None:
        check_shown_over_splits(options)
    source, searched = data_of(run, dataset, data), None
    full_limit, device = read("full_limit", full_limit), read("device", device)
    if tune is not None:
        _refuse_beside_a_search(params=params, repeat_splits=repeat_splits)
        asked = {
            "recommenders": recommenders,
            "plugins": plugins,
            "labels": labels,
            "seeds": seeds,
            "trials": tune,
            "patience": patience,
            "full_limit": full_limit,
            "threads": threads,
            "timeout": timeout,
            "memory": memory,
            "device": device,
            "precision": precision,
            "on": on,
            "same_machine": same_machine,
            "go_on": go_on,
        }
        searched = search_before_run(_described(source, asked, out, baseline), place, executor, quiet=quiet)
        source, params, labels = searched.data, searched.params, searched.labels
        recommenders, plugins = searched.recommenders, searched.plugins
    planned = plan_run(
        source,
        recommenders,
        plugins=plugins,
        params=params,
        labels=labels,
        seeds=seeds,
        patience=patience,
        full_limit=full_limit,
        threads=read("threads", threads) or place.threads,
        device=device,
        precision=precision,
        repeat_splits=repeat_splits,
        baseline=baseline if searched is None else None,
        elsewhere=place.is_elsewhere,
        options=given_options(source, timeout=timeout, memory=most_bytes, full_limit=full_limit, device=device),
    )
    if searched is not None and baseline is not None:
        options = options.changed(baseline=searched.row(baseline, [job.choice for job in planned.jobs]))
    folder = Path(out) if out else planned.usual_folder
    if planned.is_over_splits:
        check_no_records(folder, "repeated splits")
    else:
        check_no_splits(folder)
    progress = make_progress(timeout, quiet=quiet)
    for text in device_texts(planned.jobs, planned.asked):
        progress.explained(text)
    records = [
        record
        for inner, jobs in planned.plans.items()
        for record in run_jobs(
            jobs,
            Store(folder / inner),
            timeout=timeout,
            memory=most_bytes,
            progress=progress,
            place=place,
            refit=refit,
            keep_models=keep_models,
            go_on=go_on,
        )
    ]
    return (ResultsOverSplits if planned.is_over_splits else Results)(tuple(records), folder, options)


def _refuse_beside_a_search(**options: object) -> None:
    """Refuse options that a search before the run cannot have beside it.

    Raises
    ------
    ProtocolError
        Naming one that is given.
    """
    reasons = {
        "params": "it gives the parameters that a search would find; leave out one of the two",
        "repeat_splits": "each split would need a search of its own; run each split by itself, as in --split random:1, "
        "or take what one search found (--params)",
    }
    for name, reason in reasons.items():
        if options[name] is not None:
            raise ProtocolError(f"--tune and --{name.replace('_', '-')} exclude each other: {reason}")


def _described(source: Data, options: Mapping[str, Any], out: Path | str | None, baseline: str | None) -> Study:
    """Return the run as the study of one dataset, for its search."""
    from bench.studies.datasets import StudyDataset, default_name
    from bench.studies.description import Compared, study_of_options

    given = {name: value for name, value in options.items() if value is not None}
    study = study_of_options((StudyDataset(default_name(source.named()), source),), given)
    return replace(study, out=Path(out) if out else None, compared=Compared(baseline=baseline), is_plain_run=True)

"""Run recommenders on several datasets, and compare them over all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.study_jobs import run_study
from bench.data import Data, data_of
from bench.options import read
from bench.studies.datasets import StudyDataset, check_distinct_datasets, default_name
from bench.studies.description import Compared, Study, study_of_options
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from typing import Unpack

    from bench.actions.study_results import StudyResults
    from bench.choices import Named
    from bench.data import DataOptions, Source
    from bench.names import View
    from bench.records.labels import Labels


def study(
    study: Path | str | Study | Sequence[Source | Data],
    recommenders: Named | Iterable[Named] | None = None,
    *,
    plugins: Named | Iterable[Named] | None = None,
    labels: Labels | None = None,
    seeds: int | str | Iterable[int] | None = None,
    patience: int | None = None,
    full_limit: int | None = None,
    threads: int | None = None,
    timeout: float | None = None,
    memory: int | str | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    device: str | None = None,
    precision: str | None = None,
    on: str | None = None,
    executor: Executor | None = None,
    out: Path | str | None = None,
    k: int | None = None,
    metric: str | None = None,
    view: View | None = None,
    baseline: str | None = None,
    refit: bool = False,
    same_machine: bool | None = None,
    keep_models: bool | None = None,
    go_on: bool | None = None,
    quiet: bool = False,
    **data: Unpack[DataOptions],
) -> StudyResults:
    """Run recommenders on several datasets, and compare them over all of them.

    ``bench.study("study.toml")`` or ``bench.study(["ml-100k", "ratings.csv"], ["ease", "als"], seeds="0-2")``. Run
    again after a stop, it does only what is missing. A dataset that cannot be had costs its column: a warning says so,
    and the others go on.

    Parameters
    ----------
    study
        The file of a study (see `bench.studies.study_file`), or datasets as `bench.run` takes them.
    recommenders, plugins, labels, seeds, patience, full_limit, threads, timeout, memory
        As for `bench.run`, for each dataset. A file says these itself.
    trials, seconds
        The budget of a search for parameters for each recommender on each dataset (see `bench.tune`); without any,
        nothing is tuned. A file says this itself.
    device, precision, on, same_machine, keep_models, go_on
        As for `bench.run`; without them, what the file says.
    executor
        As for `bench.run`, in place of ``on`` and of what the file says.
    out
        The folder with a folder of results for each dataset. Without it, and without a file that names one, results go
        where those of `bench.run` go.
    k, metric, view, baseline
        What the table shows: one cut-off, metric and view, and the row that the others are tested against within each
        dataset; without them, what the file says.
    refit
        Whether to fit anew what is stored, too.
    quiet
        Whether to show no progress.
    data
        Further options of `bench.Data`, for all datasets. A file says these itself.

    Returns
    -------
    StudyResults
        It shows itself as the table over datasets; ``.frame`` is a data frame, ``.results_of(name)`` the results of one
        dataset.

    Raises
    ------
    RecbenchError
        If an option does not take its value, two datasets have one name or are one, a recommender is unknown, or no
        dataset can be had.
    """
    how: dict[str, Any] = {
        "recommenders": recommenders,
        "plugins": plugins,
        "labels": labels,
        "seeds": seeds,
        "patience": patience,
        "full_limit": full_limit,
        "threads": threads,
        "timeout": timeout,
        "memory": memory,
        "trials": trials,
        "seconds": seconds,
    }
    described = describe(study, {name: value for name, value in how.items() if value is not None}, data)
    table = Compared(
        metric=read("metric", metric or described.compared.metric),
        k=read("cutoff", k or described.compared.k),
        view=read("view", view or described.compared.view),
        baseline=baseline or described.compared.baseline,
    )
    here = {"device": device, "precision": precision, "on": on, "same_machine": same_machine}
    here |= {"keep_models": keep_models, "go_on": go_on}
    described = replace(
        described,
        out=Path(out) if out else described.out,
        compared=table,
        **{name: read(name, value) for name, value in here.items() if value is not None},
    )
    return run_study(described, executor=executor, refit=refit, quiet=quiet)


def describe(
    study: Path | str | Study | Sequence[Source | Data], how: Mapping[str, Any], data: Mapping[str, Any]
) -> Study:
    """Return the description of a study, from its file or from options.

    Parameters
    ----------
    how, data
        The options that were given (see `study`).

    Raises
    ------
    RecbenchError
        If an option does not take its value, or is given beside a file, which says it itself.
    """
    if isinstance(study, Study):
        return study
    if isinstance(study, str | Path):
        beside = [*how, *data]
        if beside:
            raise ProtocolError(f"the file of a study says {', '.join(beside)} itself; write it there: {study}")
        from bench.studies.study_file import read_study

        return read_study(Path(study))
    datasets = [data_of(describe, source, data).named() for source in study]
    named = tuple(StudyDataset(default_name(each), each) for each in datasets)
    check_distinct_datasets(named)
    return study_of_options(named, how)

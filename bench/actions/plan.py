"""Write the jobs of a run into a folder, for a scheduler of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import data_of
from bench.options import DEFAULT_FULL_LIMIT, DEFAULT_TIMEOUT, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from bench.choices import Named
    from bench.data import Data, DataOptions, Source
    from bench.records.labels import Labels
    from bench.running.travel.plan_folder import PlanFolder


def plan(
    dataset: Source | Data | None = None,
    recommenders: Named | Iterable[Named] | None = None,
    *,
    out: Path | str,
    plugins: Named | Iterable[Named] = (),
    params: Path | str | None = None,
    labels: Labels = (),
    seeds: int | str | Iterable[int] = 0,
    patience: int | None = None,
    full_limit: int = DEFAULT_FULL_LIMIT,
    threads: int = 1,
    timeout: float = DEFAULT_TIMEOUT,
    memory: int | str | None = None,
    device: str = "auto",
    precision: str = "float32",
    repeat_splits: int | None = None,
    keep_models: bool = False,
    **data: Unpack[DataOptions],
) -> PlanFolder:
    """Write the jobs of a run into a folder, for a scheduler of the user's own; `bench.work` runs them.

    The folder holds all that the jobs need, and no path of this machine. Written again, the same plan keeps the records
    that are there.

    Parameters
    ----------
    out
        The folder, which the machines share, or which is copied.
    threads
        Of each job.
    dataset, recommenders, plugins, params, labels, seeds, patience, full_limit, timeout, memory
        As for `bench.run`.
    device, precision
        As for `bench.run`, of the machine that runs the job.
    repeat_splits, keep_models, data
        As for `bench.run`.

    Raises
    ------
    RecbenchError
        As `bench.run`; and if the folder holds another plan, or a plug-in cannot travel.
    """
    from bench.actions.planned_run import plan_run
    from bench.running.given_options import given_options
    from bench.running.supervisor import Limits
    from bench.running.travel.plan_folder import PlanFolder

    limits, keep_models = Limits(read("timeout", timeout), read("memory", memory)), read("keep_models", keep_models)
    source = data_of(plan, dataset, data)
    full_limit, device = read("full_limit", full_limit), read("device", device)
    planned = plan_run(
        source,
        recommenders,
        plugins=plugins,
        params=params,
        labels=labels,
        seeds=seeds,
        patience=patience,
        full_limit=full_limit,
        threads=threads,
        device=device,
        precision=precision,
        repeat_splits=repeat_splits,
        elsewhere=True,
        options=given_options(
            source, timeout=limits.seconds, memory=limits.memory, full_limit=full_limit, device=device
        ),
    )
    return PlanFolder.write(Path(out), planned.plans, limits, keeps_models=keep_models)

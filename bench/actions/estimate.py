"""What recommenders will need on a dataset, or on those of a study, before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.planned_run import plan_run
from bench.actions.shown import Shown
from bench.data import data_of
from bench.options import DEFAULT_FULL_LIMIT, read
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    import pandas as pd

    from bench.choices import Named
    from bench.data import Data, DataOptions, Source
    from bench.names import Format
    from bench.running.foresight.estimates import Estimate
    from bench.running.plan import Job


@dataclass(frozen=True, eq=False, repr=False)
class Estimates(Shown):
    """What jobs will need, beside what is free; it shows itself as a table.

    Parameters
    ----------
    rows
        One for each recommender on each dataset.
    """

    rows: tuple[Estimate, ...]

    @property
    def n_without_room(self) -> int:
        """How many recommenders cannot fit."""
        return sum(row.fits is False for row in self.rows)

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each estimate: see `bench.tables.estimates.to_frame`."""
        from bench.tables.estimates import to_frame

        return to_frame(self.rows)

    def render(
        self, form: Format = "terminal", *, styled: bool = False, width: int | None = None, brief: bool = False
    ) -> str:
        """Return the table as text (see `Shown`)."""
        from bench.tables.estimates import render

        return render(self.rows, form, styled=styled, width=width, brief=brief)


def estimate(
    dataset: Source | Data | Path | None = None,
    recommenders: Named | Iterable[Named] | None = None,
    *,
    plugins: Named | Iterable[Named] = (),
    params: Path | str | None = None,
    patience: int | None = None,
    full_limit: int = DEFAULT_FULL_LIMIT,
    threads: int | None = None,
    memory: int | str | None = None,
    device: str = "auto",
    precision: str = "float32",
    results: Path | str | Iterable[Path | str] = (),
    **data: Unpack[DataOptions],
) -> Estimates:
    """Return the memory, and where it is known the time, that a job of each recommender will take.

    ``bench.estimate("synthetic", ["ease", "als"])``. Nothing is fitted; the data are read and split. A recommender says
    what it needs by its method ``resources`` (see `protocol.contract.Foreseeable`). What others need, and how long all
    take, is looked for in earlier records: those in ``runs`` and in ``results``.

    Parameters
    ----------
    dataset
        As for `bench.run`; or the file of a study, ``"study.toml"``, which says all but ``memory`` and ``results``.
    recommenders, plugins, params, patience, full_limit, threads, memory, device, precision, data
        As for `bench.run`.
    results
        Folders of results, and folders of such folders, one or several.

    Returns
    -------
    Estimates
        It shows itself as a table; ``.frame`` is a data frame.

    Raises
    ------
    RecbenchError
        If an option does not take its value, a recommender is unknown, or the data cannot be read.
    """
    from bench.machine.environment import physical_cores
    from bench.running.foresight.estimates import estimates_of

    limit: int | None = read("memory", memory)
    folders = _folders(results)
    how: dict[str, Any] = {
        "plugins": plugins,
        "params": params,
        "patience": patience,
        "full_limit": full_limit,
        "threads": threads,
        "device": device,
        "precision": precision,
    }
    if is_study(dataset):
        planned = _of_study(Path(str(dataset)), {"recommenders": recommenders, **how, **data})
    else:
        how["threads"] = read("threads", threads) or physical_cores()
        source = data_of(estimate, dataset, data)
        jobs = plan_run(source, recommenders, labels=(), seeds=0, repeat_splits=None, **how).jobs
        planned = [(jobs[0].task.dataset, jobs)]
    rows = [row for name, jobs in planned for row in estimates_of(name, jobs, folders, limit)]
    return Estimates(tuple(rows))


def is_study(dataset: Any) -> bool:
    """Return whether a dataset is the file of a study."""
    return isinstance(dataset, str | Path) and Path(dataset).suffix == ".toml"


def _of_study(path: Path, given: dict[str, Any]) -> list[tuple[str, Sequence[Job]]]:
    """Return the jobs on each dataset of a study.

    Parameters
    ----------
    given
        The options beside its file.

    Raises
    ------
    ProtocolError
        If what its file says is given beside it.
    """
    from bench.actions.study_room import planned_on
    from bench.studies.study_file import read_study

    usual = {name: one.default for name, one in signature(estimate).parameters.items()}
    beside = [name for name, value in given.items() if value not in (None, usual.get(name), [])]
    if beside:
        raise ProtocolError(f"the file of a study says {', '.join(beside)} itself; write it there: {path}")
    described = read_study(path)
    return [(each.name, planned_on(described, each).jobs) for each in described.datasets]


def _folders(results: Path | str | Iterable[Path | str]) -> list[Path]:
    """Return the folders in which to look for records; those that are named must be there.

    Raises
    ------
    ProtocolError
        Naming one that is not.
    """
    from bench.running.foresight.room import RUNS

    named = [Path(results)] if isinstance(results, str | Path) else [Path(one) for one in results]
    missing = next((folder for folder in named if not folder.is_dir()), None)
    if missing is not None:
        raise ProtocolError(f"there is no folder {missing}; name a folder of results, or a folder of such folders")
    return [*named, *([RUNS] if RUNS.is_dir() else [])]

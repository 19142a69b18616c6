"""Fit stored records anew, and say whether the ranks are equal."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from bench.actions.show import show
from bench.data import SourceOptions, data_of
from bench.options import DEFAULT_TIMEOUT, read
from bench.writing.text import count_text
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    import pandas as pd

    from bench.actions.results import Results
    from bench.analysis.shown_record import ShownRecord
    from bench.audit.reproduction import Reproduction
    from bench.choices import Named
    from bench.data import Data, Source


def reproduce(
    results: Results | Path | str,
    row: str | None = None,
    *,
    seed: int | None = None,
    plugins: Named | Iterable[Named] = (),
    timeout: float = DEFAULT_TIMEOUT,
    quiet: bool = False,
    dataset: Source | Data | None = None,
    **data: Unpack[SourceOptions],
) -> pd.DataFrame:
    """Fit stored records anew: the same task, parameters, seed, threads and device; and compare the ranks.

    ``bench.reproduce("runs/ml-100k", "ease")``. Nothing that is stored changes.

    Parameters
    ----------
    results
        The folder of a run, the `Results` of one, or the folder of a record.
    row
        A row as the table prints it, or the name of a record's folder; by default all records.
    seed
        The training seed; all by default.
    plugins
        As for `bench.run`, where a record is of a plug-in.
    timeout
        Seconds after which a job is stopped.
    quiet
        Whether to show no progress.
    dataset, data
        The data of the run, as for `bench.verify`; by default those that the records name.

    Returns
    -------
    pd.DataFrame
        One row for each record: ``equal``, ``users``, ``moved`` (users with another rank), each mean as stored, the
        means of now with ``now`` behind their names, ``failure`` and ``changes``.

    Raises
    ------
    RecbenchError
        If there is no such record, its plug-in, device or data are not here, or there is nothing to fit: all records
        are of failures, or of another program's scores.
    """
    import pandas as pd

    given = data_of(reproduce, dataset, data, SourceOptions)
    found = reproductions(results, row, given, seed=seed, plugins=plugins, timeout=timeout, quiet=quiet)
    return pd.DataFrame([one.values() for one in found]).set_index(["recommender", "seed"])


def reproductions(
    results: Results | Path | str,
    row: str | None,
    given: Data,
    *,
    seed: int | None,
    plugins: Named | Iterable[Named],
    timeout: float,
    quiet: bool = False,
) -> list[Reproduction]:
    """Return what came of fitting records anew; see `reproduce`.

    Parameters
    ----------
    given
        The data of the run, as far as they are named.
    """
    from bench.audit.reproducing import Refitting, has_a_fit
    from bench.choices import plugin_entries
    from bench.running.progress.choosing import make_progress

    limit: float = read("timeout", timeout)
    chosen = [one.record for one in _records(results, row, seed)]
    # Where there is nothing else, an error says why.
    fitted = list(filter(has_a_fit, chosen)) or chosen
    if len(fitted) < len(chosen):
        warnings.warn(
            f"left out: {count_text(len(chosen) - len(fitted), 'record')} of failures, or of another program's scores; "
            "they have nothing to fit",
            RecbenchWarning,
            stacklevel=3,
        )
    refitting = Refitting.of(chosen[0].task, given, plugin_entries(plugins))
    return refitting.fit(fitted, timeout=limit, progress=make_progress(limit, quiet=quiet))


def _records(results: Results | Path | str, row: str | None, seed: int | None) -> list[ShownRecord]:
    """Return the records that are meant: by the folder of one, by its name, by a row, or all."""
    from bench.records.store import DOCUMENT, RECORDS

    if isinstance(results, Path | str):
        place = Path(results)
        place = place.parent if place.name == DOCUMENT else place
        # Resolved, so that "." in a record's folder is that folder. A folder of results may lie in "records", too.
        if place.resolve().parent.name == RECORDS and not (place / RECORDS).is_dir():
            if row is not None:
                raise ProtocolError(f"{place} is one record; leave out {row}, or name the folder of results")
            return _of_folder(place.resolve().parent.parent, place.resolve().name, seed)
        if row is not None and (place / RECORDS / row).is_dir():
            return _of_folder(place, row, seed)
    return list(show(results, row, seed=seed).records)


def _of_folder(results: Path, name: str, seed: int | None) -> list[ShownRecord]:
    found = [one for one in show(results, seed=seed).records if one.place.name == name]
    if not found:
        raise ProtocolError(f"{results} has no record {name}; `recbench show {results}` lists them")
    return found

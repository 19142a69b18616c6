"""Check that ``trials.csv`` and ``tuned.toml`` say what the records of the search say."""

from __future__ import annotations

import csv
import io
import math
import tomllib
from typing import TYPE_CHECKING, Any

from bench.choices import parse, value_text
from bench.tuning.search import TRIALS
from bench.tuning.trials import best_of, trial_of, trial_rows
from bench.tuning.tuned_file import ABOUT, AT_EDGE, FILE_NAMES, Tuned
from bench.writing.csv import csv_text
from protocol.errors import ProtocolError, RecommenderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.records.record import Record
    from bench.records.task import RecordedTask
    from bench.tuning.trials import Trial

_ROUNDING = 1e-9
"""Relative difference of means and sums that is no mistake: their last bits differ between machines."""


def search_files(folder: Path) -> list[str]:
    """Return the names of the files that a search wrote into a folder."""
    return [name for name in (TRIALS, *FILE_NAMES) if (folder / name).is_file()]


def search_problems(folder: Path, records: Sequence[Record]) -> list[str]:
    """Return where ``trials.csv`` or ``tuned.toml`` differs from the records of the trials.

    No record holds the budget and other options of the search, or the order of the trials; they are not checked.

    Parameters
    ----------
    folder
        Holds ``trials.csv`` and at most one of `FILE_NAMES`.
    records
        All records of the folder, of one task; records of other searches may be among them.
    """
    trials, problems = _read_trials(folder / TRIALS, records)
    for name in () if problems else FILE_NAMES:
        if (folder / name).is_file():
            problems += _best_problems(folder / name, trials, records[0].task)
    return problems


def _read_trials(path: Path, records: Sequence[Record]) -> tuple[list[Trial], list[str]]:
    """Return the trials of ``trials.csv``, made again from the records, and a problem for each row that differs.

    The figures of an earlier version, over all evaluated users, are accepted if all rows have them.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    trials, problems = _trials_of_rows(rows, records)
    if problems:
        earlier, earlier_problems = _trials_of_rows(rows, records, over_all=True)
        trials, problems = (trials, problems) if earlier_problems else (earlier, [])
    return trials, problems or ([] if trials else [f"{TRIALS} has no trials"])


def _trials_of_rows(
    rows: Sequence[Mapping[str, str | None]], records: Sequence[Record], *, over_all: bool = False
) -> tuple[list[Trial], list[str]]:
    """Return the trials of rows, and a problem for each row that differs; ``over_all`` as for `trial_of`."""
    trials, problems = [], []
    for number, row in enumerate(rows, 1):
        try:
            trials.append(_trial_of_row(row, records, over_all=over_all))
        except ProtocolError as error:
            problems.append(f"{TRIALS}, trial {number}: {error}")
    return trials, problems


def _trial_of_row(row: Mapping[str, str | None], records: Sequence[Record], *, over_all: bool) -> Trial:
    """Return the trial of a row, made again from its record.

    Raises
    ------
    ProtocolError
        If there is no such record, or the row differs from it.
    """
    name, given, seed = (row.get(column) or "" for column in ("recommender", "parameters", "seed"))
    found = _trials_of(name, given, seed, records, over_all=over_all)
    differing = [_differing(row, trial) for trial in found]
    if not found:
        raise ProtocolError("there is no record of these parameters and this seed")
    if all(differing):
        raise ProtocolError(f"its {', '.join(differing[0])} is not what its record says")
    return found[differing.index([])]


def _trials_of(name: str, given: str, seed: str, records: Sequence[Record], *, over_all: bool) -> list[Trial]:
    """Return the trials that the records have of a recommender with some parameters, as text, and a seed.

    Records whose label is that of the row come first. Where two searches share a record, its label is that of the first
    search, and the record is found by its parameters.
    """
    label = f"{name}:{given}" if given else name
    try:
        _, texts = parse(label)
    except RecommenderError as error:
        raise ProtocolError(str(error)) from error
    own = [record for record in records if _is_of(record, name, texts) and str(record.seed) == seed]
    labelled = [record for record in own if record.recommender.label == label]
    return [
        trial_of({name: record.recommender.parameters[name] for name in texts}, record, over_all=over_all)
        for record in labelled or own
    ]


def _is_of(record: Record, name: str, texts: Mapping[str, str]) -> bool:
    recommender = record.recommender
    parameters = recommender.parameters
    return recommender.name == name and all(
        parameter in parameters and value_text(parameters[parameter]) == text for parameter, text in texts.items()
    )


def _differing(row: Mapping[str, str | None], trial: Trial) -> list[str]:
    """Return the columns in which a row differs from what would be written of its trial."""
    (cells,) = csv.DictReader(io.StringIO(csv_text(trial_rows([trial]))))
    return [str(name) for name in {**cells, **row} if not _alike_texts(cells.get(name), row.get(name))]


def _alike_texts(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one == other
    try:
        return math.isclose(float(one), float(other), rel_tol=_ROUNDING)
    except ValueError:
        return one == other


def _best_problems(path: Path, trials: Sequence[Trial], task: RecordedTask) -> Iterator[str]:
    """Yield where the file of the best combinations differs from what would be written of the trials."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    options = {name: value for name, value in found.get(ABOUT, {}).items() if not isinstance(value, dict)}
    about = {**options, "dataset": task.dataset, "validation_task": task.digest}
    made = dict(_flat(tomllib.loads(Tuned.of(best_of(trials), about).text())))
    written = dict(_flat(found))
    for name in {**made, **written}:
        if name.endswith(f".{AT_EDGE}"):
            continue  # No record says what was searched.
        one, other = written.get(name, "missing"), made.get(name, "missing")
        # Earlier versions wrote no line for a parameter that is None.
        if not _alike(one, other) and (one, other) != ("missing", "None"):
            yield f"{path.name}: {name} is {one}, and by the records {other}"


def _flat(table: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values in a table and its inner tables, by their full names; an empty table is a value."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_ROUNDING)
    return bool(one == other)

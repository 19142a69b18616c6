"""The commands that make all rows of a table again, and what they need."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import structs

from bench.analysis.source import filters_of
from bench.tables.subject import is_imported
from bench.writing.quoting import shell_text
from bench.writing.text import enumerated, printable
from protocol.data.frames import NAME as DATA_FRAME
from protocol.data.registered import REGISTERED
from protocol.tasks.split_rule import LAST, rule_of_part
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.records.recommender import RecordedRecommender
    from bench.records.record import Record
    from bench.records.task import RecordedTask

FOLDER = "again"
"""Where the commands write."""

_DEFAULT_NEGATIVES = 100
_MADE_OR_FETCHED = ("synthetic", "datarec")
"""What the names of datasets begin with that are no files of the user's."""


@dataclass(frozen=True)
class Remaking:
    """How to make the rows again.

    Parameters
    ----------
    commands
        For a POSIX shell; rows that were measured with other options need commands of their own. None where another
        program computed all scores, and for the validation task.
    notes
        What the commands need, and cannot do.
    """

    commands: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Measured:
    """Rows that one command can measure.

    Parameters
    ----------
    options
        By option, its value, and ``""`` where it was not given. Those that cannot change these rows are missing.
    """

    options: Mapping[str, str]
    recommenders: tuple[RecordedRecommender, ...]

    def agrees_with(self, other: _Measured) -> bool:
        """Return whether one command can measure both."""
        return all(self.options[name] == other.options[name] for name in self.options.keys() & other.options.keys())

    def joined(self, other: _Measured) -> _Measured:
        """Return what one command for both measures."""
        return _Measured({**self.options, **other.options}, (*self.recommenders, *other.recommenders))


def remaking_of(summary: Summary) -> Remaking:
    """Return the commands that fit and score every row of a table again, but for those of other programs."""
    if summary.task.purpose == "validation":
        return Remaking((), ("These are of the validation task; `recbench tune` makes them.",))
    return remaking_of_rows(summary.task, summary.rows)


def remaking_of_rows(
    task: RecordedTask,
    rows: Sequence[Row],
    more: Sequence[str] = (),
    *,
    folder: str = FOLDER,
    names: Mapping[str, str] | None = None,
) -> Remaking:
    """Return the commands that fit and score rows again, but for those of other programs.

    Parameters
    ----------
    task
        Of the rows; of repeated splits the first.
    more
        Further options of the commands.
    folder
        Where they write.
    names
        What rows are to be called, by their label; those that are not there keep their names.
    """
    ours = [row for row in rows if not row.external]
    start = ["recbench", "run", *_data_words(task), *more]
    measured = _together(_each_measured(ours, names or {}))
    commands = [shell_text([*start, *_words(each), "--out", folder]) for each in measured]
    return Remaking(tuple(commands), tuple(map(printable, _notes(task, ours, has_external=len(ours) < len(rows)))))


def remaking_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say how to make the table again."""
    yield from again(remaking_of(summary))


def again(remaking: Remaking) -> Iterable[tuple[str, str]]:
    """Yield the note with commands, if there are any."""
    if remaking.commands:
        yield "Again", " ".join((*remaking.notes, "; ".join(remaking.commands)))


def _data_words(task: RecordedTask) -> Iterator[str]:
    """Yield the options that say which data, and which protocol."""
    yield from ("--dataset", task.dataset)
    if not is_imported(task):
        rule, n_negatives = str(rule_of_part(task.parts.split)), task.facts.n_negatives
        yield from ("--split", rule) if rule != LAST else ()
        yield from ("--negatives", str(n_negatives)) if n_negatives != _DEFAULT_NEGATIVES else ()
    if task.parts.protocol_seed != "0":
        yield from ("--protocol-seed", task.parts.protocol_seed)


def _each_measured(rows: Sequence[Row], names: Mapping[str, str]) -> list[_Measured]:
    """Return each row, and each part of a row that was measured with options of its own, with the names to give."""
    alike: dict[tuple[str, str], list[Record]] = {}
    for row in rows:
        for record in row.every_record:
            alike.setdefault((row.label, json.dumps(record.options, sort_keys=True)), []).append(record)
    given = {name for records in alike.values() for name in records[0].options}
    return [
        _Measured(_options(records, given), (_named(records[0].recommender, names.get(label)),))
        for (label, _), records in alike.items()
    ]


def _named(recommender: RecordedRecommender, name: str | None) -> RecordedRecommender:
    return recommender if name in (None, recommender.row_name) else structs.replace(recommender, display_name=name)


def _options(records: Sequence[Record], given: Iterable[str]) -> dict[str, str]:
    """Return the options of a row.

    Parameters
    ----------
    given
        The names of options that any row of the table had.
    """
    first = records[0]
    recommender, device = first.recommender, first.device
    found = {"--threads": "" if first.threads is None else str(first.threads)}
    if not recommender.deterministic:
        found["--seeds"] = _seeds_text(sorted({record.seed for record in records}))
    if recommender.iterative:
        found["--patience"] = "" if first.patience is None else str(first.patience)
    found |= {name: first.options.get(name, "") for name in given}
    if first.task.facts.n_dropped_users:
        found["--short-users"] = "drop"
    if device is not None:
        found |= {"--device": "", "--precision": "", **device.options}
    elif not found.get("--device"):
        # It takes no device, or ran on the processor, which "auto" chooses where there is nothing else.
        found.pop("--device", None)
    return found


def _seeds_text(seeds: Sequence[int]) -> str:
    """Return ``0,1``, ``0-4`` and, for the default seed, ``""``."""
    if list(seeds) == [0]:
        return ""
    if len(seeds) > 2 and all(later == one + 1 for one, later in pairwise(seeds)):
        return f"{seeds[0]}-{seeds[-1]}"
    return ",".join(map(str, seeds))


def _together(each: Sequence[_Measured]) -> list[_Measured]:
    """Return as few commands as the rows, taken in their order, need."""
    found: list[_Measured] = []
    for one in each:
        place = next((place for place, command in enumerate(found) if command.agrees_with(one)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = found[place].joined(one)
    return found


_ORDER = ("--seeds", "--patience", "--threads")
"""The options that come first in a command."""


def _words(measured: _Measured) -> Iterator[str]:
    """Yield the options of a command that say how to measure what."""
    names = [*_ORDER, *sorted(measured.options.keys() - set(_ORDER))]
    for name in names:
        if measured.options.get(name):
            yield from (name, measured.options[name])
    recommenders = sorted({each.label: each for each in measured.recommenders}.values(), key=lambda each: each.label)
    for plugin in sorted({_plugin(each) for each in recommenders} - {""}):
        yield from ("--plugin", plugin)
    for each in recommenders:
        yield from ("-r", each.label)
    for each in recommenders:
        if each.display_name:
            yield from ("--label", f"{each.label}={each.display_name}")


def _plugin(recommender: RecordedRecommender) -> str:
    """Return what ``--plugin`` takes; empty for built-ins, adapters and what a package registers."""
    if not (_is_file(recommender) or recommender.origin.startswith("module ")):
        return ""
    place = recommender.reference.partition(":")[0]
    return place if place.endswith(registry.PROGRAM) else recommender.reference


def _is_file(recommender: RecordedRecommender) -> bool:
    return recommender.origin == "file"


def _notes(task: RecordedTask, rows: Sequence[Row], *, has_external: bool) -> Iterator[str]:
    """Yield sentences about what the commands need, and what they leave out."""
    recommenders = [row.recommender for row in rows]
    is_frame = task.facts.reading is not None and task.facts.reading.form == DATA_FRAME
    files = {each.reference.partition(":")[0] for each in recommenders if _is_file(each)}
    files |= set() if is_frame else set(_files_of(task.dataset))
    if files:
        yield f"Run it where {enumerated(sorted(files))} {'is' if len(files) == 1 else 'are'}."
    if is_frame:
        yield f"The data were a {DATA_FRAME} called {task.dataset}: write it to a file of that name."
    yield from _installed(recommenders)
    if has_external:
        yield "External rows come from another program's scores: `recbench score` ranks them again."
    options = {name for row in rows for record in row.every_record for name in record.options}
    filters = filters_of(task)
    if filters and options.isdisjoint(("--min-rating", "--core")):
        yield f"Filter the data in the same way, with --min-rating or --core: {'; '.join(filters)}."


def _files_of(dataset: str) -> Iterator[str]:
    """Yield the user's file that a dataset is, or the pattern of its files."""
    prefix, _, name = dataset.partition(":")
    if prefix == "ncf":
        yield f"{name}.*"
    elif prefix == "sequences":
        yield name
    elif dataset not in REGISTERED and prefix not in _MADE_OR_FETCHED:
        yield dataset


def _installed(recommenders: Iterable[RecordedRecommender]) -> Iterator[str]:
    """Yield which packages and modules have to be installed."""
    needed = {
        each.reference.partition(":")[0] if each.origin.startswith("module ") else each.origin
        for each in recommenders
        if not (registry.is_ours(each.origin) or _is_file(each))
    }
    if needed:
        yield f"It needs {enumerated(sorted(needed))}, installed or on the path."

"""The commands that make a table over repeated splits, or over datasets, again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.names import file_name
from bench.tables.remaking import FOLDER, Remaking, again, remaking_of_rows
from bench.writing.quoting import shell_text
from protocol.errors import ProtocolError
from protocol.tasks.repeated import repeated
from protocol.tasks.split_rule import rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.analysis.over_splits import SplitsSummary
    from bench.records.task import RecordedTask
    from bench.studies.columns import Column
    from bench.studies.comparison import StudyComparison


def again_over_splits(summary: SplitsSummary) -> Iterable[tuple[str, str]]:
    """Say how to make a table over repeated splits again."""
    tasks = [each.task for each in summary.summaries.values()]
    if not _are_repetitions(tasks):
        yield (
            "Again",
            "these splits are not those that --repeat-splits makes of the first; the table of each split says how to "
            "make it again.",
        )
        return
    rows = [row for each in summary.summaries.values() for row in each.rows]
    yield from again(remaking_of_rows(tasks[0], rows, ("--repeat-splits", str(len(tasks)))))


def _are_repetitions(tasks: list[RecordedTask]) -> bool:
    """Return whether the first task, repeated, gives them all."""
    splits = [(rule_of_part(task.parts.split), int(task.parts.protocol_seed)) for task in tasks]
    try:
        return splits == repeated(*splits[0], len(splits))
    except ProtocolError:
        return False


def again_over_datasets(found: StudyComparison) -> Iterator[tuple[str, str]]:
    """Say how to make a table over datasets again: a command or more for each dataset, then the table."""
    folders = []
    for column in found.columns:
        folder = f"{FOLDER}/{file_name(column.name)}"
        remaking = _of_dataset(column, folder)
        if remaking.commands:
            folders.append(folder)
            yield from again(remaking)
    if folders:
        yield "Again", f"then {shell_text(['recbench', 'table', *folders])}"


def _of_dataset(column: Column, folder: str) -> Remaking:
    """Return the commands of one dataset; what a search found has the name that it has over datasets."""
    names = {row.label: label for label, row in column.rows.items()}
    return remaking_of_rows(column.task, list(column.rows.values()), folder=folder, names=names)

"""Merge folders of results into one."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.records.merging import Found
    from bench.records.store import Store


@dataclass(frozen=True)
class Merged:
    """What came of merging.

    Parameters
    ----------
    folder
        Of the results.
    n_records
        The records that it has now.
    n_written
        The number of those that were written, by the folder that they are from; the others were there.
    """

    folder: Path
    n_records: int
    n_written: Mapping[Path, int] = field(default_factory=dict)


def merge(results: Path | str | Sequence[Path | str], out: Path | str, *, prefer: Path | str | None = None) -> Merged:
    """Write the records of several folders of results into one, with the models that are kept.

    ``bench.merge(["runs/here", "runs/there"], out="runs/all")``. All folders are verified before anything is written.
    Folders of studies are merged dataset by dataset, and those of repeated splits split by split. Stopped, the same
    call goes on from there; each record is whole at every moment.

    Parameters
    ----------
    results
        Folders of runs, one or several.
    out
        A new folder, or one with results of the same task, which stay.
    prefer
        The folder of ``results``, or ``out``, of which the record counts where two of one job differ.

    Raises
    ------
    RecbenchError
        If a folder holds no records or a damaged one, tasks differ, or two records of one job do; also if ``out``
        holds something else, or a table of the records before.
    """
    from bench.records.merging import merged

    named = [results] if isinstance(results, str | Path) else results
    sources, target = list(dict.fromkeys(map(Path, named))), Path(out)
    if not sources:
        raise ProtocolError("no results are named; name one folder or several")
    _check_target(target)
    preferred = None if prefer is None else _preferred(Path(prefer), [*sources, target])
    parts = _parts(sources, target)
    chosen = {part: merged(found, preferred) for part, found in parts.items()}
    new = {part: [one for one in found if one.source != target] for part, found in chosen.items()}
    for part, found in new.items():
        _check_new(target / part, chosen[part], found)
    for part, found in new.items():
        _write_all(found, target / part)
    n_written = Counter(one.source for found in new.values() for one in found)
    return Merged(target, sum(map(len, chosen.values())), n_written)


def _check_target(target: Path) -> None:
    """Refuse a folder with other things than results."""
    from bench.records.manifest import RECORDS
    from bench.records.results_folders import folders_of_results, folders_of_splits

    if not target.is_dir() or not any(target.iterdir()):
        return
    if not ((target / RECORDS).is_dir() or folders_of_splits(target) or folders_of_results(target)):
        raise ProtocolError(f"{target} is there, and holds no results; name a new folder, or one of results")


def _preferred(prefer: Path, folders: Sequence[Path]) -> Path:
    if prefer not in folders:
        raise ProtocolError(f"--prefer {prefer} is none of the folders; name one of {', '.join(map(str, folders))}")
    return prefer


def _parts(sources: Sequence[Path], target: Path) -> dict[str, list[Found]]:
    """Return the records of each part of the results, after all checks that need no choice."""
    from bench.audit.soundness import check_sound
    from bench.records.merging import Found
    from bench.records.results_folders import parts_of
    from bench.records.store import Store

    inside = {folder: parts_of(folder) for folder in dict.fromkeys([target, *sources])}
    if not inside[target] and target not in sources:
        del inside[target]
    _check_kinds(inside)
    found: dict[str, list[Found]] = {}
    for source, parts in inside.items():
        for part, folder in parts.items():
            check_sound(folder)
            found.setdefault(part, []).extend(Found(source, folder, each) for each in Store(folder).documents())
    _check_tasks(found)
    return found


def _check_kinds(inside: Mapping[Path, Mapping[str, Path]]) -> None:
    """Refuse folders without records, and those of different kinds."""
    from bench.records.results_folders import kind_of

    kinds: dict[str, Path] = {}
    for folder, parts in inside.items():
        if not parts:
            raise ProtocolError(f"{folder} holds no records; `recbench run --out {folder}` makes them")
        kinds.setdefault(kind_of(next(iter(parts))), folder)
    if len(kinds) > 1:
        (one, first), (other, second), *_ = kinds.items()
        raise ProtocolError(f"{first} holds {one}, and {second} holds {other}; name folders that hold the same")


def _check_tasks(parts: Mapping[str, Sequence[Found]]) -> None:
    """Refuse records of different tasks in one part, parts that are no splits of one dataset, and searches."""
    from bench.records.groups import check_same_task
    from bench.records.results_folders import SPLITS
    from bench.records.splits import check_repetitions

    for found in parts.values():
        first = found[0]
        for one in found:
            check_same_task(f"{first.folder} and {one.folder} hold records", [first.record.task, one.record.task])
        if first.record.task.purpose != "test":
            raise ProtocolError(
                f"{first.folder} holds a search for parameters, which is one whole; name the --out folders of "
                "`recbench run`"
            )
    if all(part.startswith(f"{SPLITS}/") for part in parts):
        check_repetitions([found[0].record.task for found in parts.values()])


def _check_new(folder: Path, chosen: Sequence[Found], new: Sequence[Found]) -> None:
    """Refuse records that contradict each other, and to make a committed table a wrong one."""
    from bench.audit.soundness import check_together
    from bench.audit.verification import TABLE
    from bench.records.files import read_record

    if not new:
        return
    if (folder / TABLE).exists():
        raise ProtocolError(
            f"{folder / TABLE} is the table of the records that are there now; remove it, merge, and make it again: "
            f"`recbench table {folder} --format github > {folder / TABLE}`"
        )
    check_together({str(one.place): read_record(one.place, with_lists=False) for one in chosen})


def _write_all(new: Sequence[Found], folder: Path) -> None:
    """Write records into a folder of results, in place of others of their jobs, with their models."""
    from bench.records.store import Store

    if new:
        store = Store(folder)
        store.prepare()
        for found in new:
            _write(found, store)


def _write(found: Found, store: Store) -> None:
    from bench.records.files import read_record
    from protocol.drafts import drafts

    record, model = read_record(found.place), None
    with drafts(store.folder) as draft:
        if record.model is not None and record.model.files:
            model = draft / record.model.folder
            shutil.copytree(found.place / record.model.folder, model)
        has_changed = record.document != found.record.document or (
            model is not None and record.model is not None and record.model.changed_in(draft)
        )
        if has_changed:
            raise ProtocolError(f"{found.place} has changed while folders were merged; merge again")
        store.add(record, model=model)

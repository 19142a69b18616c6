"""A writer of records that is killed at one of its system calls."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from cases import Case, Kind, require
from checks import figures, in_process, same_accuracy, verified
from damage import prepare
from sandbox import Sandbox
from stepping import stops

if TYPE_CHECKING:
    from pathlib import Path

    from honest import Stored

    from bench.records.store import Record


def kill_while_adding(case: Case) -> str:
    """Kill a process that replaces a record, or adds one, at a system call: the old one is there, or the new one."""
    from bench.records.store import Store, folder_name

    draw, reference = case.draw(), case.prepared
    results = reference.copy_to(Sandbox(case.folder))
    store = Store(results)
    old = draw.choice(store.records())
    is_new = draw.random() < 0.3
    new = _changed(old)
    if is_new:
        store = Store(_without(old, reference, results))
        Store(store.folder).prepare()
    n_stops = sum(1 for _ in stops(lambda: Store(_copy(store.folder, case.folder / "counted")).add(new)))
    at = draw.randrange(n_stops)
    next(islice(stops(lambda: store.add(new)), at, None), None)
    told = f"{folder_name(old)}, killed at stop {at} of {n_stops}"
    found = store.find(old.key)
    said = None if found is None else found.tuning_seconds
    require(found is not None or is_new, f"{told}: the record is gone")
    require(said in (None, new.tuning_seconds), f"{told}: it says {said}")
    shown = in_process("table", str(store.folder), "--format", "json")
    require(shown.code == 0, f"{told}: table ended with {shown.code}: {shown.said()}")
    same_accuracy(figures(shown.out), reference.reference)
    _check_after(store.folder, new, told)
    return (
        "the new one was there" if said is not None else "no record was there yet" if found is None else "the old one"
    )


def _changed(record: Record) -> Record:
    """Return a record with the time that its search took, which becomes known after it was stored."""
    return replace(record, document={**record.document, "tuning_seconds": 12.5})


def _copy(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def _without(record: Record, reference: Stored, results: Path) -> Path:
    """Return a folder with all records but one."""
    from bench.records.store import Store

    others = results.parent / "others"
    for one in Store(results).records():
        if one.key != record.key:
            Store(others).add(one)
    return others


def _check_after(folder: Path, new: Record, told: str) -> None:
    """Check that the next writer clears what was left, and comes to the new record."""
    from bench.records.store import Store

    Store(folder).add(new)
    found = Store(folder).find(new.key)
    require(found is not None and found.tuning_seconds == new.tuning_seconds, f"{told}: added again, it is not there")
    left = sorted(path.name for path in folder.iterdir() if path.name not in (".lock", "manifest.json", "records"))
    require(not left, f"{told}: left behind: {left}")
    verified(folder)


KINDS = (
    Kind(
        "killed-while-adding",
        100,
        "A process that replaces or adds a record is killed at one of its system calls. The old record is there, or "
        "the new one; `table` shows the right figures, the next writer clears what was left, and `verify` passes.",
        kill_while_adding,
        prepare,
        batch=10,
    ),
)

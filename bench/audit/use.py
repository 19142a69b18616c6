"""What records used, compared with the files and libraries that are here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.audit.judging import named
from bench.names import EXTERNAL
from bench.writing.text import count_text
from recommenders import registry
from recommenders.registry.used.changes import changes
from recommenders.registry.used.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.findings import Judgement
    from bench.records.record import Record


def names_use(record: Record) -> bool:
    """Return whether a record has to say what it used: not for built-ins, failures and scores of other programs."""
    is_ours = registry.is_ours(record.recommender.origin) or record.recommender.origin == EXTERNAL
    return not record.failed and (record.used is not None or not is_ours)


def use_judged(records: Mapping[str, Record]) -> Judgement:
    """Name the records that used what is different here, or not here: a run would fit them anew.

    That is no damage: the figures are of the files and libraries as they were.

    Parameters
    ----------
    records
        Those that have to say what they used, by folder.
    """
    found = {name: _differences(record) for name, record in records.items()}
    problems = [f"{name}: {text}" for name, text in found.items() if text]
    if problems:
        return "warn", named(problems)
    return "ok", f"{count_text(len(records), 'record')} used files and libraries as they are here"


def _differences(record: Record) -> str:
    """Return what is different here from what a record used; empty where all is the same."""
    if record.used is None:
        return "it does not say which files and libraries it used"
    roots = Roots.here(Path(record.used.folder) if record.used.folder else None)
    if _is_elsewhere(record, roots):
        return "not compared with the files that it used, as its plug-in is not here; verify in the folder of the run"
    return ", ".join(changes(record.used, roots))


def _is_elsewhere(record: Record, roots: Roots) -> bool:
    """Return whether no file that a record used is here: then this is another machine, or another current folder."""
    used = record.used.files if record.used else {}
    places = [(root, name) for root, files in used.items() for name in files]
    return bool(places) and not any(roots.find(root, name) for root, name in places)

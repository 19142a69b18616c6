"""Inspections that were made before, in this process or an earlier one; each answers only while its source is the same.

A problem is remembered within this process alone: another try may find what was missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from protocol.drafts import replace_file
from protocol.folders import cache_folder
from recommenders.registry.inspection.outcome import Inspection, from_json, to_json
from recommenders.registry.locating import INSTALLED
from recommenders.registry.source import text_digest_of
from recommenders.registry.source_files import source_folder
from recommenders.registry.used.changes import changes
from recommenders.registry.used.roots import Roots


@dataclass(frozen=True)
class Key:
    """What an inspection is of.

    Parameters
    ----------
    reference, folder
        See `recommenders.registry.Entry`.
    state
        A digest of all that decides the outcomes for a file or module: its source, what inspects it, Python, and which
        packages are installed.
    """

    reference: str
    folder: str
    state: str

    @property
    def path(self) -> Path:
        """The file that keeps the inspection: one for each reference, so that an edited plug-in replaces its own."""
        name = hashlib.sha256(f"{self.reference}\0{self.folder}".encode()).hexdigest()[:32]
        return folder_of_inspections() / f"{name}.json"


_kept: dict[tuple[str, str], tuple[Key, Inspection]] = {}
"""Those of this process, by reference and folder."""


def folder_of_inspections() -> Path:
    """Return the folder that keeps inspections from one process to the next."""
    return cache_folder() / "inspections"


def key_of(reference: str, folder: str) -> Key:
    """Return the key of a recommender as it is now.

    Raises
    ------
    RecommenderError
        If there is no such source.
    """
    state = (text_digest_of(reference, folder), _inspector_digest(), sys.version, sys.executable, *_packages())
    return Key(reference, folder, hashlib.sha256("\0".join(state).encode()).hexdigest())


@cache
def _inspector_digest() -> str:
    return text_digest_of("recommenders.registry.inspection.inspector:")


def _packages() -> list[str]:
    """Return what changes when a package is installed or removed: the times of the folders that hold them."""
    folders = [Path(folder) for folder in sys.path if Path(folder).name in INSTALLED and Path(folder).is_dir()]
    return [os.environ.get("PYTHONPATH", ""), *(f"{folder} {folder.stat().st_mtime_ns}" for folder in folders)]


def find(key: Key) -> Inspection | None:
    """Return the inspection of a key; None if there is none, or a file that it used is different now."""
    known = _kept.get((key.reference, key.folder))
    found = known[1] if known is not None and known[0] == key else _stored(key)
    if found is None or found.used is None:
        return found
    return None if changes(found.used, Roots.here(source_folder(key.reference, key.folder))) else found


def _stored(key: Key) -> Inspection | None:
    try:
        document = json.loads(key.path.read_text(encoding="utf-8"))
        return from_json(document["inspection"]) if document["key"] == asdict(key) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # There is no such file, or a damaged one, which is written anew.


def keep(key: Key, inspection: Inspection) -> None:
    """Keep an inspection: for this process, and for later ones if it has no problem."""
    _kept[key.reference, key.folder] = key, inspection
    if inspection.space is None or inspection.space.problem:
        return
    # Without a cache that can be written, the next process inspects again.
    with contextlib.suppress(OSError):
        key.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(key.path, json.dumps({"key": asdict(key), "inspection": to_json(inspection)}).encode())

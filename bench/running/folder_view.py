"""What a job sees as its current folder: that of the user, without results of recbench.

A plug-in may read a file by a name that counts from where the user started the run. One that looks for what lies there,
as by ``glob("**/*.npz")``, would find the ranks of other rows. So a job's folder is one of its own, with links to all
that lies in the user's. What the job writes there under a new name is removed with the folder.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.records.manifest import MANIFEST, RECORDS
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS = "runs"
"""Where results go by default (see `bench.data.Data.folder`)."""

LEVELS_UP = 2
"""How many folders above the user's are shown, too: names such as ``../data/items.csv`` lead there."""

MOST_ENTRIES = 10_000
"""The most entries of a folder that are shown: each takes some 10 µs, in each job."""


@dataclass(frozen=True)
class FolderView:
    """A view of a folder, and of some folders above it.

    Parameters
    ----------
    base
        The uppermost folder that is shown.
    folder
        The user's folder.
    opened
        The folders that the view has itself: those on the way from ``base`` to the user's folder and to results.
    links
        Where the view has links, to the same places: everything else in these folders, but no results.
    """

    base: Path
    folder: Path
    opened: tuple[Path, ...]
    links: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path, results: Path) -> FolderView:
        """Return the view of a folder for jobs whose records go to ``results``; it shows no results in the folder."""
        folder, results = folder.resolve(), results.resolve()
        way = [folder, *folder.parents][: 1 + LEVELS_UP]
        usual = (place for place in (folder / RUNS, folder / RUNS / "tuning") if place.is_dir())
        opened = {*way, *usual, *(parent for parent in results.parents if parent.is_relative_to(way[-1]))}
        hidden = {results, *(place / name for place in (results, *opened) for name in _names_of_results(place))}
        links = (
            path
            for place in opened
            for path in _entries(place)
            if path not in opened | hidden and not (place.is_relative_to(folder) and _names_of_results(path))
        )
        return cls(way[-1], folder, tuple(sorted(opened)), tuple(links))

    @classmethod
    def of_empty(cls, folder: Path) -> FolderView:
        """Return the view of an empty folder, and of nothing else."""
        return cls(folder.resolve(), folder.resolve(), (folder.resolve(),), ())

    def make(self, at: Path) -> Path:
        """Make the view in a new folder, and return the place there that shows the user's folder."""
        for place in self.opened:
            (at / place.relative_to(self.base)).mkdir(parents=True, exist_ok=True)
        for path in self.links:
            (at / path.relative_to(self.base)).symlink_to(path)
        return at / self.folder.relative_to(self.base)


def _names_of_results(folder: Path) -> tuple[str, ...]:
    """Return the names of what recbench keeps in a folder of results; none where it is another folder.

    A folder that may not be entered is another one: the job could not read results there either.
    """
    try:
        return (MANIFEST, RECORDS) if (folder / MANIFEST).is_file() or (folder / RECORDS).is_dir() else ()
    except PermissionError:
        return ()


def _entries(folder: Path) -> Iterator[Path]:
    """Yield what is in a folder; nothing where it cannot be listed, as the job could not list it either."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    if len(found) > MOST_ENTRIES:
        warnings.warn(
            f"{folder} holds {len(found):,} entries; plug-ins that read files by names relative to the current folder "
            f"find only the first {MOST_ENTRIES:,} by name. Start the run in a smaller folder, or name files by whole "
            "paths.",
            RecbenchWarning,
            stacklevel=2,
        )
    yield from found[:MOST_ENTRIES]

"""The folders of results below what the user names, and what each is called on a board."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.records.store import RECORDS
from protocol.errors import ProtocolError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SITE_MARK = '<meta name="generator" content="recbench site">'
"""What the index of a site has."""


def results_below(named: Iterable[Path]) -> dict[str, Path]:
    """Return the folders of results, by what a board calls them: ``ann/ml-100k`` below ``board/ann``.

    What is named may be a folder of results, or hold such folders at any depth: of a submitter, a study, repeated
    splits. Files are left out, so that ``board/*`` may match a README; so are earlier sites.

    Raises
    ------
    ProtocolError
        If a folder is missing or holds no results, or one of results is named twice.
    """
    found: dict[Path, tuple[Path, Path]] = {}
    for folder in named:
        if not folder.exists():
            raise ProtocolError(f"{folder} does not exist; name folders of results, or folders that hold such")
        if not folder.is_dir():
            if folder.suffix != ".md":
                warnings.warn(f"{folder} is a file, and left out", RecbenchWarning, stacklevel=2)
            continue
        if is_site(folder):
            warnings.warn(f"{folder} is a site, and left out", RecbenchWarning, stacklevel=2)
            continue
        inside = list(_folders(folder))
        if not inside:
            raise ProtocolError(
                f"{folder} holds no results: there is no folder {RECORDS} in it; `recbench run --out FOLDER` makes one"
            )
        for each in inside:
            if each.resolve() in found:
                raise ProtocolError(f"the results {each} are named twice; name each folder once")
            found[each.resolve()] = (folder, each)
    if not found:
        raise ProtocolError("no folder of results is named; name one or several")
    return _called(list(found.values()))


def is_site(folder: Path) -> bool:
    """Return whether a folder holds a site, which has pages in a folder that is called as that of records."""
    index = folder / "index.html"
    return index.is_file() and SITE_MARK in index.read_text(encoding="utf-8", errors="replace")


def _folders(folder: Path) -> Iterator[Path]:
    if is_site(folder):
        return
    if (folder / RECORDS).is_dir():
        yield folder
        return
    for inside in sorted(folder.iterdir()):
        # A link could lead round in a circle, or out of what was named.
        if inside.is_dir() and not inside.is_symlink() and not inside.name.startswith("."):
            yield from _folders(inside)


def _called(found: list[tuple[Path, Path]]) -> dict[str, Path]:
    """Return each folder by its path from the named one on or, where two would be called alike, by its whole path."""
    names = [(Path(named.resolve().name) / each.relative_to(named)).as_posix() for named, each in found]
    count = Counter(names)
    return {name if count[name] == 1 else each.as_posix(): each for name, (_, each) in zip(names, found, strict=True)}

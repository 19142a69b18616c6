"""Plug-ins that travel: the entry without any path, and the files of its source as blobs.

A package that is installed does not travel: it has to be installed on the worker, too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bench.records.kept_model import is_path_within
from bench.running.travel.whole import write_whole, written_folder
from protocol.errors import RecommenderError
from recommenders import registry
from recommenders.registry.entry import split_reference
from recommenders.registry.inspection.outcome import plain_from_json, plain_to_json
from recommenders.registry.locating import is_installed
from recommenders.registry.source_files import source_files, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.running.travel.blobs import Blobs

_OURS = Path(registry.__file__).parents[2].resolve()


class SourceFile(Struct, frozen=True):
    """A file of a source.

    Parameters
    ----------
    blob
        Its SHA-256.
    executable
        Whether it may be run as a program.
    """

    blob: str
    executable: bool


class PackedEntry(Struct, frozen=True):
    """An entry of the registry (see `recommenders.registry.Entry`), without the folders of this machine.

    Parameters
    ----------
    reference
        With the name of a file alone.
    is_located
        Whether the entry names a folder in which its package is looked for.
    files
        The files of the source that travel, and data files beside it whose names the source has as texts, by their
        paths within it; none for what the worker has itself.
    """

    name: str
    reference: str
    preset: Mapping[str, Any]
    origin: str
    by_default: bool
    chosen_on: str
    papers: Sequence[str]
    is_located: bool = False
    files: Mapping[str, SourceFile] = {}

    def __post_init__(self) -> None:
        """Refuse a path that leads out of the source."""
        place, _ = split_reference(self.reference)
        for name in [*self.files, *([place] if self.files else [])]:
            if not is_path_within(name):
                raise ValueError(f"{name!r} is no path within a source")


def pack_entry(entry: registry.Entry, blobs: Blobs) -> PackedEntry:
    """Return an entry that can travel, and keep the files of its source as blobs.

    Raises
    ------
    RecommenderError
        If a file of the source lies outside of its folder, or has a name that other machines may read otherwise.
    """
    root = _root(entry)
    files = {} if root is None else _packed_files(entry, root, blobs)
    origin = f"file {Path(entry.origin.removeprefix('file ')).name}" if entry.is_file else entry.origin
    return PackedEntry(
        name=entry.name,
        reference=entry.public_reference if entry.is_file else entry.reference,
        preset=plain_to_json(dict(entry.preset)),
        origin=origin,
        by_default=entry.by_default,
        chosen_on=entry.chosen_on,
        papers=entry.papers,
        is_located=bool(files) and not entry.is_file,
        files=files,
    )


def unpack_entry(packed: PackedEntry, blobs: Blobs) -> registry.Entry:
    """Return an entry of this machine; the files of its source are laid out beside the blobs.

    Raises
    ------
    BlobError
        If a blob is missing or damaged.
    """
    home = _laid_out(packed, blobs) if packed.files else None
    is_file = home is not None and not packed.is_located
    return registry.Entry(
        name=packed.name,
        reference=f"{home}/{packed.reference}" if is_file else packed.reference,
        preset=plain_from_json(packed.preset),
        origin=packed.origin,
        folder=str(home) if packed.is_located else "",
        by_default=packed.by_default,
        chosen_on=packed.chosen_on,
        papers=tuple(packed.papers),
    )


def _root(entry: registry.Entry) -> Path | None:
    """Return the folder that the source of an entry is in; None where the source does not travel."""
    if registry.is_ours(entry.origin):
        return None
    if entry.is_file:
        return Path(split_reference(entry.reference)[0]).parent
    found = Path(entry.folder) if entry.folder else None
    return None if found is None or is_installed(found.resolve()) else found


def _packed_files(entry: registry.Entry, root: Path, blobs: Blobs) -> dict[str, SourceFile]:
    files, home = {}, root.resolve()
    for path in _files_of(entry, root):
        place = path.resolve()
        if not (path.is_relative_to(root) or place.is_relative_to(home)):
            raise RecommenderError(
                f"{entry.name}: its file {path} lies outside of the folder {root}, and only that folder goes to other "
                "machines; move the file into it"
            )
        name = (path.relative_to(root) if path.is_relative_to(root) else place.relative_to(home)).as_posix()
        if not is_path_within(name):
            raise RecommenderError(
                f"{entry.name}: the name of its file {str(path)!a} has a backslash, or a sign that cannot be printed, "
                "and so cannot go to other machines; rename it"
            )
        files[name] = SourceFile(blobs.put(path.read_bytes()), os.access(path, os.X_OK))
    return files


def _files_of(entry: registry.Entry, root: Path) -> Iterator[Path]:
    """Yield the files of a source without those of recbench, which the worker has; and the data files that it names."""
    for path in source_files(entry.reference, entry.folder).values():
        if path.resolve().is_relative_to(_OURS / "recommenders"):
            continue
        yield path
        named = texts_in(path) if path.suffix == ".py" else ()
        for text in sorted(named):
            data = root / text
            if data.is_relative_to(root) and ".." not in data.parts and data.is_file():
                yield data


def _laid_out(packed: PackedEntry, blobs: Blobs) -> Path:
    """Return the folder with the files of a source; files of another content there are replaced.

    The folder stays: a job may be running that reads there.
    """
    listed = "".join(f"{name}\0{file.blob} {file.executable}\n" for name, file in sorted(packed.files.items()))
    home = blobs.folder / "sources" / hashlib.sha256(listed.encode()).hexdigest()[:32]
    paths = {name: blobs.get(file.blob) for name, file in packed.files.items()}
    if not home.exists():
        with written_folder(home) as draft:
            _lay_out(packed, paths, draft)
    _lay_out(packed, {name: path for name, path in paths.items() if not _is_same(home / name, path)}, home)
    return home


def _lay_out(packed: PackedEntry, paths: Mapping[str, Path], folder: Path) -> None:
    """Put copies of files into a folder, each in one step."""
    for name, path in paths.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, [path.read_bytes()], mode=0o755 if packed.files[name].executable else 0o644)


def _is_same(place: Path, blob: Path) -> bool:
    try:
        return place.read_bytes() == blob.read_bytes()
    except OSError:
        return False

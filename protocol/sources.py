"""Where the bytes of named datasets come from, each held against a checksum (P3).

In this order: a folder that the user names, the cache, GroupLens and, for ml-100k, the copy inside the ``recbole``
wheel, had from the package index that pip is configured for. The cache is only ever written by renaming a checked file into
place, so neither two processes at once nor a kill half way leave a bad one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from protocol.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

GROUPLENS = "https://files.grouplens.org/datasets/movielens"
TERMS = "GroupLens: research use with acknowledgement, no redistribution"
CONNECT_SECONDS = 5.0
"""An unreachable source costs no more than this."""

_STALL_SECONDS = 60.0
_CHUNK = 1 << 20


@dataclass(frozen=True)
class NamedDataset:
    """A dataset that is known by name.

    Parameters
    ----------
    member
        The file of ratings inside GroupLens's archive ``NAME.zip``.
    sha256
        Of that file where ``of_member``, else of the archive, which then is what the cache keeps.
    """

    name: str
    n_users: int
    n_items: int
    n_interactions: int
    member: str
    sha256: str
    of_member: bool = False

    @property
    def url(self) -> str:
        """Where GroupLens serves the archive."""
        return f"{GROUPLENS}/{self.name}.zip"


# Checksums of archives: as TensorFlow Datasets and others pin them; each of these files also matches the MD5 that
# GroupLens publishes beside it. The one of ml-100k is the data file's own, so that any copy of it can be checked.
NAMED = {
    dataset.name: dataset
    for dataset in (
        NamedDataset(
            "ml-100k", 943, 1682, 100_000, "ml-100k/u.data",
            "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490", of_member=True,
        ),
        NamedDataset(
            "ml-1m", 6040, 3706, 1_000_209, "ml-1m/ratings.dat",
            "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
        ),
        NamedDataset(
            "ml-20m", 138_493, 26_744, 20_000_263, "ml-20m/ratings.csv",
            "96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3",
        ),
        NamedDataset(
            "ml-25m", 162_541, 59_047, 25_000_095, "ml-25m/ratings.csv",
            "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
        ),
        NamedDataset(
            "ml-32m", 200_948, 84_432, 32_000_204, "ml-32m/ratings.csv",
            "e4a68655d7386b8f95f2f2424b2ff975dfdd15ffd59e0d864a14dca43e99d6ee",
        ),
    )
}  # fmt: skip

_MIRROR_PACKAGE = "recbole==1.2.1"
_MIRROR_MEMBER = "recbole/dataset_example/ml-100k/ml-100k.inter"


class _Unavailable(Exception):  # noqa: N818 - it is caught where the next source is tried, and is no error yet
    """A source has not got what is asked for; says why."""


def cache_folder() -> Path:
    """Return the folder of fetched datasets: ``RECBENCH_CACHE``, or ``recbench`` in the user's cache folder."""
    named = os.environ.get("RECBENCH_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recbench"


def find(name: str, data_dir: Path | None = None) -> Path | None:
    """Return the checked file of a named dataset if it is at hand; nothing is fetched."""
    dataset = NAMED[name]
    for source in (_named_folder, _cached):
        with contextlib.suppress(_Unavailable):
            return source(dataset, data_dir)
    return None


def fetch(name: str, data_dir: Path | None = None) -> Path:
    """Return the checked file of ratings of a named dataset, fetched if need be.

    Raises
    ------
    DatasetError
        If no source has it; says what was tried, and what to do.
    """
    dataset = NAMED[name]
    tried = []
    for label, source in _sources(dataset).items():
        try:
            return source(dataset, data_dir)
        except _Unavailable as reason:
            tried.append(f"  {label}: {reason}")
    raise DatasetError(
        f"{name} cannot be had. Tried:\n" + "\n".join(tried) + f"\nGet {dataset.url} by hand and name its folder with "
        f"--data-dir FOLDER or RECBENCH_DATA (expected there: {_stored_name(dataset)})"
    )


def _sources(dataset: NamedDataset) -> dict[str, Callable[[NamedDataset, Path | None], Path]]:
    sources: dict[str, Callable[[NamedDataset, Path | None], Path]] = {
        "folder": _named_folder,
        "cache": _cached,
        "GroupLens": _from_grouplens,
    }
    if dataset.name == "ml-100k":
        sources["package index"] = _from_package_index
    return sources


def _named_folder(dataset: NamedDataset, data_dir: Path | None) -> Path:
    named = data_dir or os.environ.get("RECBENCH_DATA")
    if not named:
        raise _Unavailable("none named (--data-dir or RECBENCH_DATA)")
    folder = Path(named).expanduser()
    stored = _stored_name(dataset)
    places = [folder / stored, folder / dataset.name / stored]
    for place in places:
        if place.is_file():
            _check(place, dataset)
            return _ratings_file(place, dataset)
    raise _Unavailable(f"{folder} has no {stored}, nor has a folder {dataset.name} in it")


def _cached(dataset: NamedDataset, _: Path | None) -> Path:
    place = _place(dataset)
    if not place.is_file():
        raise _Unavailable(f"{place.parent} has none")
    _check(place, dataset)
    return _ratings_file(place, dataset)


def _from_grouplens(dataset: NamedDataset, _: Path | None) -> Path:
    with _scratch() as folder:
        archive = folder / f"{dataset.name}.zip"
        _download(dataset.url, archive)
        if dataset.of_member:
            return _keep(_extracted(archive, dataset.member, folder / "member"), dataset)
        return _keep(archive, dataset)


def _from_package_index(dataset: NamedDataset, _: Path | None) -> Path:
    """Take the one data file out of the wheel; its first line is a header that the original does not have."""
    say(f"Fetching {dataset.name} from the package {_MIRROR_PACKAGE} ...")
    with _scratch() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--disable-pip-version-check"]
        limits = ["--retries", "0", "--timeout", f"{CONNECT_SECONDS:.0f}", "--only-binary=:all:", "--no-cache-dir"]
        pip = subprocess.run(
            [*command, *limits, "--dest", str(folder), _MIRROR_PACKAGE], capture_output=True, text=True, check=False
        )
        wheels = list(folder.glob("*.whl"))
        if pip.returncode or not wheels:
            last = [line for line in pip.stderr.splitlines() if line.strip()][-1:]
            raise _Unavailable(f"pip download {_MIRROR_PACKAGE} failed: {' '.join(last) or 'no wheel came'}")
        with_header = _extracted(wheels[0], _MIRROR_MEMBER, folder / "member")
        bare = folder / "bare"
        bare.write_bytes(with_header.read_bytes().partition(b"\n")[2])
        return _keep(bare, dataset)


def _stored_name(dataset: NamedDataset) -> str:
    """Return the name of the file that is kept: of ratings, or the archive where only that has a checksum."""
    return Path(dataset.member).name if dataset.of_member else f"{dataset.name}.zip"


def _place(dataset: NamedDataset) -> Path:
    return cache_folder() / dataset.name / _stored_name(dataset)


def _ratings_file(stored: Path, dataset: NamedDataset) -> Path:
    """Return the file of ratings; out of an archive it is unpacked into the cache, beside a checked archive."""
    if dataset.of_member:
        return stored
    ratings = _place(dataset).with_name(Path(dataset.member).name)
    with zipfile.ZipFile(stored) as archive:
        size = archive.getinfo(dataset.member).file_size
    if not ratings.is_file() or ratings.stat().st_size != size:
        with _scratch() as folder:
            _rename_into_place(_extracted(stored, dataset.member, folder / "member"), ratings)
    return ratings


def _check(path: Path, dataset: NamedDataset) -> None:
    found = _sha256(path)
    if found != dataset.sha256:
        raise _Unavailable(f"{path} is damaged: its SHA-256 begins {found[:12]}, expected {dataset.sha256[:12]}")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _keep(fetched: Path, dataset: NamedDataset) -> Path:
    """Check what was fetched and rename it into the cache."""
    _check(fetched, dataset)
    place = _place(dataset)
    _rename_into_place(fetched, place)
    return _ratings_file(place, dataset)


def _rename_into_place(fetched: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with fetched.open("rb") as stream:
        os.fsync(stream.fileno())
    fetched.replace(place)


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Give a folder inside the cache, on the same file system, that goes away afterwards."""
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="fetching-", dir=cache_folder()))
    except OSError as error:
        raise _Unavailable(f"the cache {cache_folder()} cannot be written: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _extracted(archive: Path, member: str, target: Path) -> Path:
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise _Unavailable(f"{archive.name} is no archive with {member} in it ({error})") from error
    return target


def _download(url: str, target: Path) -> None:
    """Write what an address serves, with a progress bar; give up when it does not answer in `CONNECT_SECONDS`."""
    import requests

    host = url.split("/")[2]
    _look_up(host)
    say(f"Fetching {url} ...")
    try:
        with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, _STALL_SECONDS)) as answer:
            answer.raise_for_status()
            with target.open("wb") as sink:
                _copy_with_progress(answer, sink)
    except requests.RequestException as error:
        raise _Unavailable(f"{host}: {_reason(error)}") from error


def _copy_with_progress(answer: requests.Response, sink: IO[bytes]) -> None:
    from tqdm import tqdm

    size = int(answer.headers.get("Content-Length", 0)) or None
    with tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for chunk in answer.iter_content(_CHUNK):
            sink.write(chunk)
            bar.update(len(chunk))


def _reason(error: Exception) -> str:
    """Return the innermost reason of a failed connection, in a line."""
    while error.__context__ is not None and isinstance(error.__context__, Exception):
        error = error.__context__
    return f"{type(error).__name__}: {error}"


def _look_up(host: str) -> None:
    """Look up a host's name, but no longer than `CONNECT_SECONDS`: the system's own look-up has no time-out."""
    import socket

    answer: list[str] = []

    def ask() -> None:
        try:
            socket.getaddrinfo(host.partition(":")[0], None)
        except OSError as error:
            answer.append(str(error))
        else:
            answer.append("")

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(CONNECT_SECONDS)
    if not answer:
        raise _Unavailable(f"the name {host} could not be looked up within {CONNECT_SECONDS:g} s")
    if answer[0]:
        raise _Unavailable(f"the name {host} could not be looked up: {answer[0]}")


def say(message: str) -> None:
    """Tell the user, on standard error."""
    print(message, file=sys.stderr)

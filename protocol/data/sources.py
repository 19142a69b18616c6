"""Where the bytes of named datasets come from, each held against a checksum (P3).

In this order: a folder that the user names, the cache, GroupLens and, for ml-100k, the copy inside the ``recbole``
wheel, had from the package index that pip is configured for. The cache is only ever written by renaming a checked
file into place, so neither two processes at once nor a kill half way leave a bad one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
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
    def stored_name(self) -> str:
        """The name of the file that is kept: the one that has the checksum."""
        return Path(self.member).name if self.of_member else f"{self.name}.zip"

    @property
    def inside(self) -> str | None:
        """Where the ratings are inside the stored file, if that is an archive."""
        return None if self.of_member else self.member

    @property
    def url(self) -> str:
        """Where GroupLens serves the archive."""
        return f"{GROUPLENS}/{self.name}.zip"


# The checksum of ml-100k is the data file's own, so that any copy of it can be checked; the others are of GroupLens's
# archives. Each is pinned alike by several public projects that do not build on one another (for ml-1m, say,
# TensorFlow's recommendation example and SecretFlow); for ml-1m, ml-20m and ml-25m such projects also record that the
# archive had the MD5 that GroupLens publishes beside it.
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
        return Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recbench"


def find(name: str, data_dir: Path | None = None) -> Path | None:
    """Return the checked file of a named dataset if it is at hand (see `fetch`); nothing is fetched."""
    dataset = NAMED[name]
    for source in (_named_folder, _cached):
        with contextlib.suppress(_Unavailable):
            return source(dataset, data_dir)
    return None


def fetch(name: str, data_dir: Path | None = None) -> Path:
    """Return the checked file of a named dataset, fetched if need be: its ratings, or the archive they are inside.

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
        f"{name} cannot be had. Tried:\n" + "\n".join(tried) + f"\nGet {dataset.url} by hand, put "
        f"{f'{dataset.stored_name} out of it' if dataset.of_member else 'it'} into a folder, and name that with "
        "--data-dir FOLDER or RECBENCH_DATA; or take --dataset synthetic, which needs nothing"
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
    stored = dataset.stored_name
    for place in (folder / stored, folder / dataset.name / stored):
        if place.is_file():
            return _checked(place, dataset)
    raise _Unavailable(f"{folder} has no {stored} and no {dataset.name}/{stored}")


def _cached(dataset: NamedDataset, _: Path | None) -> Path:
    place = _place(dataset)
    if not place.is_file():
        raise _Unavailable(f"{place.parent} has none")
    return _checked(place, dataset)


def _from_grouplens(dataset: NamedDataset, _: Path | None) -> Path:
    with _scratch() as folder:
        archive = folder / f"{dataset.name}.zip"
        _download(dataset.url, archive)
        if dataset.of_member:
            return _keep(_extracted(archive, dataset.member, folder / "member"), dataset)
        return _keep(archive, dataset)


def _from_package_index(dataset: NamedDataset, _: Path | None) -> Path:
    """Take the one data file out of the wheel; its first line is a header that the original does not have."""
    _say(f"Fetching {dataset.name} from the package {_MIRROR_PACKAGE} ...")
    with _scratch() as folder:
        wheel = _download_wheel(folder)
        with_header = _extracted(wheel, _MIRROR_MEMBER, folder / "member")
        bare = folder / "bare"
        bare.write_bytes(with_header.read_bytes().partition(b"\n")[2])
        return _keep(bare, dataset)


def _download_wheel(folder: Path) -> Path:
    """Let pip fetch the wheel from wherever it is configured to look."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(folder), _MIRROR_PACKAGE]
    impatient = ["--retries", "0", "--timeout", f"{CONNECT_SECONDS:.0f}"]
    pip = subprocess.run([*command, *impatient], capture_output=True, text=True, check=False)
    if pip.returncode and "Read timed out" in pip.stdout + pip.stderr:
        # The index is there, but slow: then pip's own configuration says how long to wait.
        _say("The package index answers slowly; waiting as long as pip is configured to ...")
        pip = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        last = [line for line in pip.stderr.splitlines() if line.strip()][-1:]
        raise _Unavailable(f"pip download {_MIRROR_PACKAGE} failed: {' '.join(last) or 'no wheel came'}")
    return wheels[0]


def _place(dataset: NamedDataset) -> Path:
    return cache_folder() / dataset.name / dataset.stored_name


def _checked(path: Path, dataset: NamedDataset, called: str | None = None) -> Path:
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _Unavailable(f"{path} cannot be read: {error.strerror}") from error
    if found != dataset.sha256:
        raise _Unavailable(
            f"{called or path} is damaged: its SHA-256 begins {found[:12]}, expected {dataset.sha256[:12]}"
        )
    return path


def _keep(fetched: Path, dataset: NamedDataset) -> Path:
    """Check what was fetched and rename it into the cache."""
    place = _place(dataset)
    _checked(fetched, dataset, "what came")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with fetched.open("rb") as stream:
            os.fsync(stream.fileno())
        return fetched.replace(place)
    except OSError as error:
        raise _Unavailable(f"{place} cannot be written: {error.strerror}") from error


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
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError) as error:
        raise _Unavailable(f"{archive.name} is no archive with {member} in it ({error})") from error
    return target


def _download(url: str, target: Path) -> None:
    """Write what an address serves, with a progress bar."""
    _say(f"Fetching {url} ...")
    try:
        with _answer(url) as answer, target.open("wb") as sink:
            answer.raise_for_status()
            _copy_with_progress(answer, sink)
    except OSError as error:  # All of requests' own are, too.
        raise _Unavailable(f"{url}: {_reason(error)}") from error


def _answer(url: str) -> requests.Response:
    """Return the beginning of an answer, or give up after `CONNECT_SECONDS`.

    The time-outs of requests hold for each address of a host, and not at all for looking up its name; hence a thread.
    """
    import requests

    answers: queue.SimpleQueue[requests.Response | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(requests.get(url, stream=True, timeout=(CONNECT_SECONDS, _STALL_SECONDS)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_SECONDS)
    except queue.Empty:
        raise _Unavailable(f"{url}: no answer within {CONNECT_SECONDS:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


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


def _say(message: str) -> None:
    """Tell the user, on standard error."""
    print(message, file=sys.stderr)


@dataclass(frozen=True)
class DatasetInfo:
    """What `recbench datasets` tells of a dataset; ``path`` is where it is at hand, None where it would be fetched."""

    name: str
    n_users: int
    n_items: int
    n_interactions: int
    source: str
    terms: str
    path: Path | None


def available_datasets(data_dir: Path | None = None) -> tuple[DatasetInfo, ...]:
    """Return the datasets that are known by name; nothing is fetched."""
    return tuple(
        DatasetInfo(
            known.name, known.n_users, known.n_items, known.n_interactions, known.url, TERMS, find(known.name, data_dir)
        )
        for known in NAMED.values()
    )

"""Recording what this process uses while a block runs: which of its files and modules count, and their digests."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from recommenders.registry.locating import is_installed
from recommenders.registry.source_files import imported_packages, texts_in
from recommenders.registry.used.digests import digest_now
from recommenders.registry.used.distributions import versions_of_packages
from recommenders.registry.used.events import Events, Opening, State, state_of
from recommenders.registry.used.outcome import ABSENT, CHANGED, Used
from recommenders.registry.used.variables import digest_of_variable, variables_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommenders.registry.used.outcome import Root
    from recommenders.registry.used.roots import Roots

OURS = tuple(Path(__file__).parents[3] / package for package in ("bench", "protocol", "recommenders"))
"""The folders of recbench, whose code is part of each key already."""

DERIVED = frozenset({"__pycache__", "cache", ".cache", "tmp", ".tmp", "temp"})
"""Names of folders for files that are made again when they are missing: no input, whatever reads them."""

UNHEARD = frozenset({".parquet", ".pq", ".arrow", ".feather", ".orc", ".h5", ".hdf5", ".safetensors"})
"""Endings of files that libraries open without Python, so that no event tells of it."""


class Recording:
    """What this process opens and imports, from the beginning of the block to its end.

    A file that a library opens without Python, as pyarrow and h5py do, is not heard. One with an ending of `UNHEARD`
    counts if the code names it, or a text among the parameters, and it was not written meanwhile. Where the code puts
    the name together (``name + ".parquet"``), all files with the ending count that are in one of the two folders.

    Parameters
    ----------
    roots
        From where names of files count.
    texts
        Further texts that may name files.
    shown
        Folders of this process that show others by links (see `bench.running.folder_view`), and these: a file that is
        not there was looked for in the folder that is shown.
    """

    def __init__(self, roots: Roots, texts: Iterable[str] = (), shown: Mapping[Path, Path] | None = None) -> None:
        self._roots, self._shown = roots, shown or {}
        self._texts = frozenset(texts)
        self._environment = {**os.environ}
        self._started_ns = time.time_ns()
        self._temporary = _temporary(roots)
        self._modules = set(sys.modules)
        # Remembered, as a library opens thousands of files in few folders.
        self._is_skipped = cache(lambda folder: bool(folder) and self._is_library(Path(folder).resolve()))
        self._events = Events(self._is_skipped)

    @classmethod
    @contextmanager
    def of(
        cls, roots: Roots, texts: Iterable[str] = (), shown: Mapping[Path, Path] | None = None
    ) -> Iterator[Recording]:
        """Record while a block runs."""
        recording = cls(roots, texts, shown)
        with recording._events.heard():
            yield recording

    def used(self) -> Used:
        """Return what was used so far. It reads the files, so call it off the clock."""
        modules = {name for name in [*sys.modules] if name not in self._modules}
        code = self._code_of(modules)
        opened = code | self._events.opened
        written = {os.path.realpath(path) for path in self._events.written}
        files: dict[Root, dict[str, str]] = {}
        variables: set[str] = set()
        packages = {name.partition(".")[0] for name in modules if self._is_of_library(name)}
        for path, opening in (self._named_in(opened) | opened).items():
            file, is_code = Path(os.path.realpath(path)), path in code or path.endswith((".py", ".pyc"))
            place = self._place(self._original(file), opening, is_code=is_code)
            digest = self._digest(path, opening, is_code=is_code) if place and str(file) not in written else None
            if place is None or digest is None:
                continue
            files.setdefault(place[0], {})[place[1]] = digest
            if file.suffix == ".py" and digest not in (ABSENT, CHANGED):
                packages |= imported_packages(file) & self._modules
                variables |= variables_in(file)
        ordered = {root: dict(sorted(names.items())) for root, names in sorted(files.items())}
        ours = {folder.name for folder in OURS}
        values = {name: digest_of_variable(name, self._environment) for name in sorted(variables)}
        return Used(ordered, versions_of_packages(packages - ours), self._roots.plugin_from_current, values)

    def _code_of(self, modules: set[str]) -> dict[str, Opening]:
        """Return the files of modules, also of those that Python does not open itself: compiled ones, and archives."""
        found = {}
        for name in modules:
            place = _file_of(name)
            if place is None or self._is_of_library(name):
                continue
            # A module in an archive has a place below the archive.
            path = next((str(path) for path in (Path(place), *Path(place).parents) if path.is_file()), None)
            if path is not None:
                found[path] = Opening(state_of(path), from_current=False)
        return found

    def _named_in(self, opened: Iterable[str]) -> dict[str, Opening]:
        """Return the files that libraries may have read unheard: named in code or by a text, and there before."""
        code = [Path(path) for path in opened if path.endswith(".py") and Path(path).is_file()]
        texts = self._texts.union(*map(texts_in, code))
        names = {text for text in texts if Path(text).suffix in UNHEARD}
        endings = {text.lstrip("*") for text in texts} & UNHEARD
        found = {}
        for folder in filter(None, (self._roots.plugin, self._roots.current)):
            beside = {path.name for ending in endings for path in folder.glob(f"*{ending}")}
            for name in names | beside:
                path = os.path.abspath(os.path.join(folder, name))  # noqa: PTH100, PTH118 - any text comes here
                state = state_of(path)
                if state is not None and state[0] < self._started_ns:
                    found[path] = Opening(state, from_current=folder == self._roots.current)
        return found

    def _is_of_library(self, module: str) -> bool:
        place = _file_of(module)
        return place is not None and self._is_skipped(str(Path(place).parent))

    def _is_library(self, path: Path) -> bool:
        """Return whether a file or folder is of an installed library, of Python, or of recbench, and of no plug-in."""
        plugin = self._roots.plugin
        if plugin is not None and is_installed(plugin) and path.is_relative_to(plugin):
            return False
        return is_installed(path) or any(path.is_relative_to(folder) for folder in OURS)

    def _original(self, file: Path) -> Path:
        """Return the file that a file in a view shows."""
        for view, base in self._shown.items():
            if file.is_relative_to(view):
                return base / file.relative_to(view)
        return file

    def _place(self, file: Path, opening: Opening, *, is_code: bool) -> tuple[Root, str] | None:
        """Return from where the name of a file counts, and the name; None where the file does not count."""
        if self._is_library(file) or (self._temporary is not None and file.is_relative_to(self._temporary)):
            return None
        if is_code:
            return None if opening.state is None else self._roots.of_code(file)
        place = self._roots.of_data(file, from_current=opening.from_current)
        return None if place is None or DERIVED.intersection(Path(place[1]).parts[:-1]) else place

    def _digest(self, path: str, opening: Opening, *, is_code: bool) -> str | None:
        """Return the digest of a file as it was used; None where this process, or one that it started, made it."""
        now = state_of(path)
        is_changed = now != opening.state
        if (is_changed and path in self._events.perhaps_written) or (not is_code and self._is_by_process(now)):
            return None
        return CHANGED if is_changed else digest_now(Path(path))

    def _is_by_process(self, state: State) -> bool:
        """Return whether a file was written after this process had started another one."""
        started = self._events.first_process_ns
        return state is not None and started is not None and state[0] >= started


def _file_of(module: str) -> str | None:
    """Return where a module is, which may be below an archive; None where it has no place."""
    place = getattr(sys.modules.get(module), "__file__", None)
    return place if isinstance(place, str) else None


def _temporary(roots: Roots) -> Path | None:
    """Return the folder for temporary files; None where the plug-in itself, or the current folder, is in there."""
    folder = Path(tempfile.gettempdir()).resolve()
    homes = [home for home in (roots.plugin, roots.current) if home is not None]
    return None if any(home.is_relative_to(folder) for home in homes) else folder

"""Recording which files are opened, and which modules are imported, in this process while a block runs."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from recommenders.registry.locating import is_installed
from recommenders.registry.source import digest_of_file
from recommenders.registry.source_files import imported_packages
from recommenders.registry.used.distributions import versions_of_packages
from recommenders.registry.used.outcome import ABSENT, CHANGED, Used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recommenders.registry.used.outcome import Root
    from recommenders.registry.used.roots import Roots

OURS = tuple(Path(__file__).parents[3] / package for package in ("bench", "protocol", "recommenders"))
"""The folders of recbench, whose code is part of each key already."""

DERIVED = frozenset({"__pycache__", "cache", ".cache", "tmp", ".tmp", "temp"})
"""Names of folders for files that are made again when they are missing: no input, whatever reads them."""

_WRITES = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEW_PROCESS = ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")

_State = tuple[int, int, int] | None


@dataclass(frozen=True)
class _Opening:
    """The first opening of a file: what the file was then, and whether its name counted from the current folder."""

    state: _State
    from_current: bool


class Recording:
    """What this process opens and imports, from the beginning of the block to its end.

    It hears Python's audit events. What other processes open is not heard, nor what a library opens without Python.

    Parameters
    ----------
    roots
        From where names of files count.
    """

    _running: ClassVar[Recording | None] = None
    _is_hooked: ClassVar[bool] = False

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._temporary = _temporary(roots)
        self._modules = set(sys.modules)
        self._opened: dict[str, _Opening] = {}
        self._written: set[str] = set()
        self._perhaps_written: set[str] = set()
        self._first_process_ns: int | None = None
        self._is_skipped: dict[str, bool] = {}
        self._listeners: dict[str, Callable[..., None]] = {
            "open": self._open,
            "os.link": self._move,
            "os.remove": self._remove,
            "os.rename": self._move,
            "os.symlink": self._move,
            "sqlite3.connect": self._connect,
            **dict.fromkeys(_NEW_PROCESS, self._start),
        }

    @classmethod
    @contextmanager
    def of(cls, roots: Roots) -> Iterator[Recording]:
        """Record while a block runs."""
        if not cls._is_hooked:
            # Python can add a hook and cannot remove it, so there is one for all recordings.
            sys.addaudithook(_hear)
            cls._is_hooked = True
        cls._running = recording = cls(roots)
        try:
            yield recording
        finally:
            cls._running = None

    def _open(self, path: Any, mode: str | None, flags: int) -> None:
        text = _text(path)
        if text is None or self._skips(os.path.dirname(text)):  # noqa: PTH120 - called for thousands of files
            return
        if flags & _WRITES:
            # A relative name that `os.open` is given may count from another folder, which the event does not tell.
            if mode is not None or os.path.isabs(text):  # noqa: PTH117 - as above
                self._written.add(_absolute(text))
            return
        if flags & os.O_RDWR:
            self._perhaps_written.add(_absolute(text))
        # Importing looks for an archive in each entry of the path, also in one that is no path.
        self._read(text, is_certain=mode is not None and text not in sys.path)

    def _connect(self, database: Any) -> None:
        text = _text(database)
        if text and os.path.exists(text):  # noqa: PTH110 - it need not be a path
            self._perhaps_written.add(_absolute(text))
            self._read(text, is_certain=True)

    def _move(self, _: Any, target: Any, *folders: int) -> None:
        self._remove(target, folders[-1])

    def _remove(self, path: Any, folder: int) -> None:
        text = _text(path)
        is_from_current = folder < 0
        if text is not None and is_from_current:
            self._written.add(_absolute(text))

    def _start(self, *_: Any) -> None:
        self._first_process_ns = self._first_process_ns or time.time_ns()

    def _skips(self, folder: str) -> bool:
        """Return whether the files of a folder never count; remembered, as a library opens thousands."""
        known = self._is_skipped.get(folder)
        if known is None:
            known = self._is_skipped[folder] = bool(folder) and self._is_library(Path(folder).resolve())
        return known

    def _is_library(self, path: Path) -> bool:
        """Return whether a file or folder is of an installed library, of Python, or of recbench, and of no plug-in."""
        plugin = self._roots.plugin
        if plugin is not None and is_installed(plugin) and path.is_relative_to(plugin):
            return False
        return is_installed(path) or any(path.is_relative_to(folder) for folder in OURS)

    def _read(self, text: str, *, is_certain: bool) -> None:
        path = _absolute(_source_of(text))
        state = _state(path)
        if path not in self._opened and (state or is_certain):
            from_current = not Path(text).is_absolute() and Path.cwd() == self._roots.current
            self._opened[path] = _Opening(state, from_current)

    def used(self) -> Used:
        """Return what was used; call it after the block, as it reads the files."""
        modules = {name for name in [*sys.modules] if name not in self._modules}
        code = self._code_of(modules)
        written = {os.path.realpath(path) for path in self._written}
        files: dict[Root, dict[str, str]] = {}
        packages = {name.partition(".")[0] for name in modules}
        for path, opening in (code | self._opened).items():
            file, is_code = Path(os.path.realpath(path)), path in code or path.endswith((".py", ".pyc"))
            place = self._place(file, opening, is_code=is_code)
            digest = self._digest(path, opening, is_code=is_code) if place and str(file) not in written else None
            if place is None or digest is None:
                continue
            files.setdefault(place[0], {})[place[1]] = digest
            if file.suffix == ".py":
                packages |= imported_packages(file) & self._modules
        ordered = {root: dict(sorted(names.items())) for root, names in sorted(files.items())}
        ours = {folder.name for folder in OURS}
        return Used(ordered, versions_of_packages(packages - ours), self._roots.plugin_from_current)

    def _code_of(self, modules: set[str]) -> dict[str, _Opening]:
        """Return the files of modules, also of those that Python does not open itself: compiled ones, and archives."""
        found = {}
        for name in modules:
            place = getattr(sys.modules.get(name), "__file__", None)
            if not isinstance(place, str) or self._skips(os.path.dirname(place)):  # noqa: PTH120 - as above
                continue
            # A module in an archive has a place below the archive.
            path = next((str(path) for path in (Path(place), *Path(place).parents) if path.is_file()), None)
            if path is not None:
                found[path] = _Opening(_state(path), from_current=False)
        return found

    def _place(self, file: Path, opening: _Opening, *, is_code: bool) -> tuple[Root, str] | None:
        """Return from where the name of a file counts, and the name; None where the file does not count."""
        if self._is_library(file) or (self._temporary is not None and file.is_relative_to(self._temporary)):
            return None
        if is_code:
            return None if opening.state is None else self._roots.of_code(file)
        place = self._roots.of_data(file, from_current=opening.from_current)
        return None if place is None or DERIVED.intersection(Path(place[1]).parts[:-1]) else place

    def _digest(self, path: str, opening: _Opening, *, is_code: bool) -> str | None:
        """Return the digest of a file as it was used; None where this process, or one that it started, made it."""
        now = _state(path)
        is_changed = now != opening.state
        if (is_changed and path in self._perhaps_written) or (not is_code and self._is_by_process(now)):
            return None
        if is_changed:
            return CHANGED
        return ABSENT if now is None else digest_of_file(Path(path))

    def _is_by_process(self, state: _State) -> bool:
        """Return whether a file was written after this process had started another one."""
        return state is not None and self._first_process_ns is not None and state[0] >= self._first_process_ns


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    running = Recording._running
    listener = None if running is None else running._listeners.get(event)
    if listener is not None:
        listener(*arguments)


def _temporary(roots: Roots) -> Path | None:
    """Return the folder for temporary files; None where the plug-in itself, or the current folder, is in there."""
    folder = Path(tempfile.gettempdir()).resolve()
    homes = [home for home in (roots.plugin, roots.current) if home is not None]
    return None if any(home.is_relative_to(folder) for home in homes) else folder


def _text(path: Any) -> str | None:
    """Return a path as text; None where it is a number of an open file."""
    return os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else None


def _absolute(text: str) -> str:
    return os.path.abspath(text)  # noqa: PTH100 - Path.resolve would look at each link


def _source_of(text: str) -> str:
    """Return the source of a file of bytecode, which Python opens in its place."""
    if not text.endswith(".pyc"):
        return text
    try:
        return importlib.util.source_from_cache(text)
    except ValueError:
        return text


def _state(path: str) -> _State:
    """Return what changes when a file is written; None where there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - called for thousands of files
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if stat.S_ISREG(found.st_mode) else None

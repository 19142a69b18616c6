"""What Python tells of the files that this process opens, writes and moves, and of the processes that it starts."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = tuple[int, int, int] | None
"""What changes when a file is written: its time, size and number; None where there is no such file."""

_WRITES = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEW_PROCESS = ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")


@dataclass(frozen=True)
class Opening:
    """The first opening of a file for reading.

    Parameters
    ----------
    state
        Of the file at that time.
    from_current
        Whether it was opened by a name that counts from the folder that was the current one at the beginning.
    """

    state: State
    from_current: bool


class Events:
    """The files that this process uses while a block runs, by their absolute paths.

    It hears Python's audit events. What a library opens without Python is not heard, nor what other processes open,
    but for the files that their command lines name.

    Parameters
    ----------
    is_skipped
        Whether the files of a folder are of no interest; asked for each folder as it was written.

    Attributes
    ----------
    opened
        For reading; also those that were not there.
    written
        Written anew, moved or removed.
    perhaps_written
        Opened so that they could be changed in place.
    first_process_ns
        When the first process was started, in nanoseconds since 1970; None where none was.
    """

    _heard: ClassVar[Events | None] = None
    _is_hooked: ClassVar[bool] = False

    def __init__(self, is_skipped: Callable[[str], bool]) -> None:
        self._is_skipped = is_skipped
        self._current = Path.cwd()
        self.opened: dict[str, Opening] = {}
        self.written: set[str] = set()
        self.perhaps_written: set[str] = set()
        self.first_process_ns: int | None = None
        self._listeners: dict[str, Callable[..., None]] = {
            "open": self._open,
            "os.link": self._move,
            "os.remove": self._remove,
            "os.rename": self._move,
            "os.symlink": self._move,
            "sqlite3.connect": self._connect,
            **dict.fromkeys(_NEW_PROCESS, self._start),
            "os.system": self._shell,
            "subprocess.Popen": self._command,
        }

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen while a block runs."""
        if not Events._is_hooked:
            # Python can add a hook and cannot remove it, so there is one for all.
            sys.addaudithook(_hear)
            Events._is_hooked = True
        Events._heard = self
        try:
            yield
        finally:
            Events._heard = None

    def _open(self, path: Any, mode: str | None, flags: int) -> None:
        text = _text(path)
        if text is None or self._is_skipped(os.path.dirname(text)):  # noqa: PTH120 - called for thousands of files
            return
        if flags & _WRITES:
            # A relative name that `os.open` is given may count from another folder, which the event does not tell.
            if mode is not None or Path(text).is_absolute():
                self.written.add(_absolute(text))
            return
        if flags & os.O_RDWR:
            self.perhaps_written.add(_absolute(text))
        # Importing looks for an archive in each entry of the path, also in one that is no path.
        self._read(text, is_certain=mode is not None and text not in sys.path)

    def _connect(self, database: Any) -> None:
        text = _of_uri(_text(database) or "")
        if text and os.path.exists(text):  # noqa: PTH110 - it need not be a path
            self.perhaps_written.add(_absolute(text))
            self._read(text, is_certain=True)

    def _move(self, _: Any, target: Any, *folders: int) -> None:
        self._remove(target, folders[-1])

    def _remove(self, path: Any, folder: int) -> None:
        text, is_from_current = _text(path), folder < 0
        if text is not None and is_from_current:
            self.written.add(_absolute(text))

    def _shell(self, command: Any) -> None:
        self._command(None, [command], None, None)

    def _command(self, program: Any, arguments: Any, folder: Any, _: Any) -> None:
        """Note the files that a command line names, also inside the line of a shell, before the process may write."""
        given = [arguments] if isinstance(arguments, str | bytes | os.PathLike) else arguments
        texts = [text for one in (program, *given) if (text := _text(one)) is not None]
        for name in {word for text in texts for word in (text, *text.split())}:
            self._read(os.path.join(_text(folder) or "", name.strip("'\"")), is_certain=False)  # noqa: PTH118 - any text
        self._start()

    def _start(self, *_: Any) -> None:
        self.first_process_ns = self.first_process_ns or time.time_ns()

    def _read(self, text: str, *, is_certain: bool) -> None:
        path = _absolute(_source_of(text))
        state = state_of(path)
        if path not in self.opened and (state or is_certain):
            self.opened[path] = Opening(state, not Path(text).is_absolute() and Path.cwd() == self._current)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    heard = Events._heard
    listener = None if heard is None else heard._listeners.get(event)
    if listener is not None:
        listener(*arguments)


def state_of(path: str) -> State:
    """Return the state of a file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - called for thousands of files
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _text(path: Any) -> str | None:
    """Return a path as text; None where it is the number of an open file."""
    return os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else None


def _of_uri(text: str) -> str:
    """Return the path in a URI of SQLite, ``file:a%20b.db?mode=ro``; other text as it is."""
    return unquote(urlsplit(text).path) if text.startswith("file:") else text


def _absolute(text: str) -> str:
    try:
        return os.path.abspath(text)  # noqa: PTH100 - Path.resolve would look at each link
    except FileNotFoundError:
        # The code removed its current folder: no name below it can be told, and its own call must not fail for that.
        return text


def _source_of(text: str) -> str:
    """Return the source of a file of bytecode, which Python opens in its place."""
    if not text.endswith(".pyc"):
        return text
    try:
        return importlib.util.source_from_cache(text)
    except ValueError:
        return text

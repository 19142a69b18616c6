"""Environments of Python for programs that ours cannot hold: made once of a list of requirements, and kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from filelock import FileLock

from protocol.errors import RecommenderError
from protocol.folders import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_COMPLETE = ".complete"
"""Written last: a folder without it is what an interrupted build left."""

_TAIL = 5
"""How many of the last lines of pip are shown where it fails."""


def folder_of_environments() -> Path:
    """Return the folder of all environments, inside the cache."""
    return cache_folder() / "environments"


def is_ready(requirements: Sequence[str], python: str = "") -> bool:
    """Return whether there is an environment of the requirements, whole."""
    return (_folder(requirements, _version(python)[1]) / _COMPLETE).is_file()


def ready(requirements: Sequence[str], python: str, name: str) -> Path:
    """Return the folder of an environment; where there is none, it is built now, and standard error told.

    Whoever else needs the same meanwhile, waits.

    Parameters
    ----------
    python
        The interpreter, on ``PATH``; empty for the one that runs this.
    name
        Whose environment it is, for what is told.

    Raises
    ------
    RecommenderError
        If there is no such interpreter, or the requirements cannot be installed.
    """
    interpreter, version = _version(python)
    folder = _folder(requirements, version)
    if not (folder / _COMPLETE).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not (folder / _COMPLETE).is_file():
                _build(folder, requirements, interpreter, name)
    return folder


def _folder(requirements: Sequence[str], version: str) -> Path:
    key = hashlib.sha256("\n".join((version, *requirements)).encode()).hexdigest()
    return folder_of_environments() / key[:16]


def _version(python: str) -> tuple[str, str]:
    """Return the path of an interpreter and what it says of its version."""
    if python in ("", "python{}.{}".format(*sys.version_info[:2])):
        return sys.executable, sys.version
    found = shutil.which(python)
    if found is None:
        raise RecommenderError(
            f"there is no {python} on PATH; install it, or name another with python = ... in the TOML"
        )
    done = subprocess.run(
        [found, "-c", "import sys; print(sys.version, end='')"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RecommenderError(f"{found} does not run: {' '.join(done.stderr.split())[-200:]}")
    return found, done.stdout


def _build(folder: Path, requirements: Sequence[str], interpreter: str, name: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    print(
        f"{name}: building its environment, once, in {folder} (this can take minutes) ...", file=sys.stderr, flush=True
    )
    listed = folder / "requirements.txt"
    _do([interpreter, "-m", "venv", "--without-pip", str(folder)], name)
    listed.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    inside = ["--python", str(folder / "bin" / "python")]
    pip = [sys.executable, "-m", "pip", *inside, "--disable-pip-version-check", "install", "--progress-bar", "off"]
    _do([*pip, "--requirement", str(listed)], name)
    (folder / _COMPLETE).touch()
    print(f"{name}: its environment is ready.", file=sys.stderr, flush=True)


def _do(command: Sequence[str], name: str) -> None:
    """Run a step of the build; what pip collects and installs is told as it happens."""
    lines: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            lines.append(line.strip())
            if line.startswith(("Collecting", "Installing", "Building")):
                print(f"{name}: {line.strip()}", file=sys.stderr, flush=True)
    if process.returncode:
        shown = " | ".join([line for line in lines if line][-_TAIL:])
        raise RecommenderError(f"the environment of {name} cannot be built ({command[2]}): {shown}")

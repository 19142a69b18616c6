"""Python environments for programs that cannot share ours: built once from a list of requirements, and kept."""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from filelock import FileLock

from protocol.errors import RecommenderError
from protocol.folders import cache_folder
from protocol.interpreters import interpreter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_COMPLETE = ".complete"
"""A file that is written last: a folder without it was left by an interrupted build."""

_TAIL = 5
"""Number of pip's last lines that are shown when it fails."""

log = logging.getLogger(__name__)


def folder_of_environments() -> Path:
    """Return the folder of all environments, inside the cache."""
    return cache_folder() / "environments"


def is_ready(requirements: Sequence[str], python: str = "") -> bool:
    """Return whether an environment with the requirements exists and is complete.

    Raises
    ------
    RecommenderError
        If no interpreter fits, although there are environments.
    """
    # Looking for an interpreter starts many, so that comes second.
    return (
        folder_of_environments().is_dir()
        and (_folder(requirements, interpreter(python, "the environment")[1]) / _COMPLETE).is_file()
    )


def ready(requirements: Sequence[str], python: str, name: str) -> Path:
    """Return the folder of an environment; build it first if needed, and log that.

    Another process that needs the same environment waits until it is built.

    Parameters
    ----------
    requirements
        One requirement each, as pip reads them.
    python
        The interpreter (see `protocol.interpreters.interpreter`); empty for the one that runs this.
    name
        The program's name, for messages.

    Raises
    ------
    RecommenderError
        If no interpreter fits, or the requirements cannot be installed.
    """
    path, version = interpreter(python, name)
    folder = _folder(requirements, version)
    if not (folder / _COMPLETE).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not (folder / _COMPLETE).is_file():
                _build(folder, requirements, path, name)
    return folder


def _folder(requirements: Sequence[str], version: str) -> Path:
    key = hashlib.sha256("\n".join((version, *requirements)).encode()).hexdigest()
    return folder_of_environments() / key[:16]


def _build(folder: Path, requirements: Sequence[str], python: str, name: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    log.info("%s: building its environment, once, in %s (this can take minutes) ...", name, folder)
    listed = folder / "requirements.txt"
    _do([python, "-m", "venv", "--without-pip", str(folder)], name)
    listed.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    inside = ["--python", str(folder / "bin" / "python")]
    pip = [sys.executable, "-m", "pip", *inside, "--disable-pip-version-check", "install", "--progress-bar", "off"]
    _do([*pip, "--requirement", str(listed)], name)
    (folder / _COMPLETE).touch()
    log.info("%s: its environment is ready.", name)


def _do(command: Sequence[str], name: str) -> None:
    """Run a step of the build, and log what pip collects and installs."""
    lines: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            lines.append(line.strip())
            if line.startswith(("Collecting", "Installing", "Building")):
                log.info("%s: %s", name, line.strip())
    if process.returncode:
        shown = " | ".join([line for line in lines if line][-_TAIL:])
        raise RecommenderError(f"the environment of {name} cannot be built ({command[2]}): {shown}")

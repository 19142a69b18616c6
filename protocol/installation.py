"""How this installation was made, and how to add an extra to it.

The name on the package index belongs to another project, so no message may tell a user to install it from there.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DISTRIBUTION = "recbench"
"""The name of our distribution, as in ``pyproject.toml``."""

COMMIT_FILE = "commit.txt"
"""The file beside this one with the commit that a distribution was built from; none in a checkout."""


def version() -> str:
    """Return the installed version."""
    return metadata.version(DISTRIBUTION)


def commit() -> str | None:
    """Return the commit of this code, ``+`` behind it where the code was changed; None where it is not known.

    A checkout asks git; a wheel or a source distribution has the commit that it was built from.
    """
    here = Path(__file__).resolve().parent
    if not (here.parent / ".git").exists():
        with contextlib.suppress(OSError):
            return (here / COMMIT_FILE).read_text(encoding="utf-8").strip() or None
        return None
    found = _git(here.parent, "rev-parse", "--short=12", "HEAD")
    if found is None:
        return None
    packages = ("bench", "protocol", "recommenders")
    changed = _git(here.parent, "--no-optional-locks", "status", "--porcelain", "--", *packages)
    return f"{found}+" if changed else found


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None where there is no git, or it fails."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10, check=True, cwd=root)  # noqa: S607 - git is where PATH says
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def how_to_add(extra: str) -> str:
    """Return how to add an extra to this installation: a command for the shell or, if its source is unknown, words.

    The command may hold a path of this machine: print it, and never write it into a record, a page or a project.
    """
    command = _command(extra)
    return f"run `{command}`" if command else in_words(extra)


def in_words(extra: str) -> str:
    """Return how to add an extra to any installation, without a path of this machine."""
    return f"install the extra {extra} the way you installed recbench"


def requirement() -> str:
    """Return the requirement for this installation that pip can satisfy on any machine; empty if there is none.

    It holds a Git address with its commit, or the address of an archive. A folder of this machine is none.
    """
    source = _source()
    return "" if source is None or _is_here(source) else f"{DISTRIBUTION} @ {_address(source)}"


def _command(extra: str) -> str:
    """Return the command that adds an extra to this installation; empty if pip would not find the source again."""
    source = _source()
    if source is None:
        return ""
    # Older versions of pip refuse an extra of a repository on this machine, ``NAME[EXTRA] @ git+file:///PATH``.
    if _is_here(source) and ("vcs_info" in source or not _path(source).exists()):
        return ""
    if source.get("dir_info", {}).get("editable"):
        return f"pip install -e {shlex.quote(f'{_path(source)}[{extra}]')}"
    return f"pip install {shlex.quote(f'{DISTRIBUTION}[{extra}] @ {_address(source)}')}"


def _source() -> dict[str, Any] | None:
    """Return what the installer wrote down about the source (PEP 610); None if it took it from an index."""
    for distribution in metadata.distributions(name=DISTRIBUTION):
        # The folder of the code can hold a second description of the distribution, without this file.
        text = distribution.read_text("direct_url.json")
        if text is not None:
            source: dict[str, Any] = json.loads(text)
            return source
    return None


def _is_here(source: dict[str, Any]) -> bool:
    """Whether the source is a folder, an archive or a repository on this machine."""
    scheme: str = urlsplit(source["url"]).scheme
    return scheme == "file"


def _path(source: dict[str, Any]) -> Path:
    """Return the path of a source on this machine."""
    from urllib.request import url2pathname  # It loads ssl and http, which no job needs.

    return Path(url2pathname(urlsplit(source["url"]).path))


def _address(source: dict[str, Any]) -> str:
    """Return the address as pip takes it after ``NAME @``."""
    address: str = source["url"]
    if "vcs_info" in source:
        address = f"{source['vcs_info']['vcs']}+{address}@{source['vcs_info']['commit_id']}"
    return f"{address}#subdirectory={source['subdirectory']}" if source.get("subdirectory") else address

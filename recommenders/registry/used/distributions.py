"""The installed distributions that modules belong to, and their versions."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def versions_of_packages(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of the distributions that hold some top-level packages, by name.

    Packages of Python itself, and those that no distribution holds, are left out.
    """
    names = set(packages) - sys.stdlib_module_names
    others = {name for name in names if version_of(name) is None}
    if others:
        # It reads the files of every distribution, which takes a fifth of a second.
        holders = metadata.packages_distributions()
        names |= {name for package in others for name in holders.get(package, ())}
    found = {name: version_of(name) for name in sorted(names)}
    return {name: version for name, version in found.items() if version is not None}


def version_of(name: str) -> str | None:
    """Return the version of an installed distribution; None where it is not installed.

    Behind the version of one that was not taken from an index comes what tells two builds of it apart: such a
    distribution often changes while its version stays.
    """
    with contextlib.suppress(metadata.PackageNotFoundError, ValueError):
        found = metadata.distribution(name)
        source = json.loads(found.read_text("direct_url.json") or "{}")
        if not source or source.get("dir_info", {}).get("editable"):
            return found.version
        files = (found.read_text("RECORD") or "").encode()
        return f"{found.version} (files {hashlib.sha256(files).hexdigest()[:12]})"
    return None

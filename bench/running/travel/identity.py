"""What must be the same at the driver and at a worker: recbench's code, Python, and the libraries that matter."""

from __future__ import annotations

import contextlib
import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from msgspec import Struct

from bench.machine.environment import versions
from protocol.errors import RecbenchError

_ROOMS = ("bench", "protocol", "recommenders")
_READERS = ("msgspec", "pandas", "safetensors")
"""Libraries that read and write what travels, besides those whose versions every record has."""


class OtherCodeError(RecbenchError):
    """A worker has other code than the driver."""


class Identity(Struct, frozen=True):
    """The code of a process.

    Parameters
    ----------
    host
        The machine; it may differ.
    versions
        Of Python, recbench and libraries, by name.
    code
        SHA-256, in hexadecimal, over the Python files of recbench.
    """

    host: str
    versions: Mapping[str, str]
    code: str


@cache
def identity() -> Identity:
    """Return the identity of this process."""
    return Identity(platform.node(), {**versions(), **_installed(_READERS)}, _code())


ROLES = ("at the driver", "at the worker")


def differences(ours: Identity, theirs: Identity, roles: tuple[str, str] = ROLES) -> list[str]:
    """Return what differs, each in words with both versions.

    ``"numpy is 2.1 at the driver (login1) and 1.26 at the worker (node7)"``.
    """
    here, there = f"{roles[0]} ({ours.host})", f"{roles[1]} ({theirs.host})"
    names = sorted({*ours.versions, *theirs.versions})
    found = [
        f"{name} is {_said(ours, name)} {here} and {_said(theirs, name)} {there}"
        for name in names
        if ours.versions.get(name) != theirs.versions.get(name)
    ]
    if ours.code != theirs.code and not found:
        version = ours.versions.get("recbench", "")
        found = [
            f"the code of recbench {version} is {ours.code[:12]} {here} and {theirs.code[:12]} {there}, although the "
            "versions are the same"
        ]
    return found


def check_same(ours: Identity, theirs: Identity, roles: tuple[str, str] = ROLES) -> None:
    """Refuse a process with other code.

    Parameters
    ----------
    roles
        What the two are, as a message continues.

    Raises
    ------
    OtherCodeError
        Naming both versions of all that differs.
    """
    if found := differences(ours, theirs, roles):
        raise OtherCodeError(
            f"the code is not the same: {'; '.join(found)}; install the same versions, so that all figures are of one "
            "code"
        )


def _said(one: Identity, name: str) -> str:
    return one.versions.get(name, "not installed")


def _installed(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _code() -> str:
    """Return the digest of all Python files of recbench, by their names within it."""
    root, total = Path(__file__).parents[3], hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return total.hexdigest()

"""What a run was asked for that nothing else in its records tells, so that a command can ask for it again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bench.choices import value_text
from bench.data import Data
from bench.machine.devices.words import AUTO, CPU
from bench.options import DEFAULT_FULL_LIMIT, DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def given_options(
    data: Data, *, timeout: float, memory: int | None, full_limit: int, device: str = AUTO
) -> dict[str, str]:
    """Return options of ``recbench run`` that are not the default, each with its value as the command line takes it.

    The folders of files are private, and are not among them. Worked: of 60 seconds, ``{"--timeout": "60"}``.

    Parameters
    ----------
    timeout
        Seconds.
    memory
        Bytes, or None for no limit.
    full_limit
        Pairs of users and items.
    """
    usual = Data()
    found = {name: text(getattr(data, name)) for name, text in _DATA.items() if _differs(name, data, usual)}
    found |= {} if timeout == DEFAULT_TIMEOUT else {"timeout": value_text(timeout)}
    found |= {} if memory is None else {"memory": _size(memory)}
    found |= {} if full_limit == DEFAULT_FULL_LIMIT else {"full_limit": str(full_limit)}
    # A record names any other device that its recommender took.
    found |= {"device": device} if device == CPU else {}
    return {f"--{name.replace('_', '-')}": text for name, text in found.items()}


def data_options(options: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of `Data` among those of a run, by their names there, as text that it reads."""
    names = {name: f"--{name.replace('_', '-')}" for name in _DATA}
    return {name: options[option] for name, option in names.items() if option in options}


def _differs(name: str, data: Data, usual: Data) -> bool:
    return bool(getattr(data, name) != getattr(usual, name))


def _columns(columns: Mapping[str, str]) -> str:
    return ",".join(f"{role}={name}" for role, name in columns.items())


_DATA: Mapping[str, Callable[[Any], str]] = {
    "columns": _columns,
    "encoding": str,
    "ids": str,
    "missing": str,
    "min_rating": value_text,
    "core": str,
    "short_users": str,
}
"""The options of `Data` that a record's task does not tell, and how the command line writes them."""


def _size(n_bytes: int) -> str:
    """Return bytes in the largest unit that divides them: ``4GiB``; in KiB, rounded up, where none does."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20)):
        if n_bytes % size == 0:
            return f"{n_bytes // size}{unit}"
    return f"{math.ceil(n_bytes / 2**10)}KiB"

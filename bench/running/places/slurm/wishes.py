"""What a user asks of Slurm, as in ``slurm:partition=gpu,gpus=1,time=2:00:00,mem=16GiB``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench import options
from bench.machine.memory import parse_size, size_text
from protocol.errors import ProtocolError
from recommenders.registry.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Wishes:
    """What a user asks of Slurm; what is None is chosen by the run, or by the cluster.

    Parameters
    ----------
    time
        Minutes that Slurm gives a job.
    memory
        Bytes that Slurm gives a job.
    cpus
        Cores that Slurm gives a job.
    array_parallelism
        The most jobs that run at once.
    others
        Further parameters of submitit's, by the names that submitit has for them.
    """

    time: int | None = None
    memory: int | None = None
    cpus: int | None = None
    array_parallelism: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict)


def read_wishes(text: str) -> Wishes:
    """Return what a user asks of Slurm.

    Parameters
    ----------
    text
        What comes after ``slurm:``; may be empty.

    Raises
    ------
    ProtocolError
        If a key is unknown or given twice, or its value cannot be one.
    """
    fields: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in _pairs(text).items():
        key = KEYS[name]
        try:
            read = key.read(value)
        except ProtocolError as error:
            raise ProtocolError(f"slurm: {name}: {error}") from error
        if key.of_submitit:
            others[key.of_submitit] = read
        else:
            fields[key.field] = read
    return Wishes(**fields, others=others)


def _pairs(text: str) -> dict[str, str]:
    """Return keys and values; a part without ``=`` is one more element of a list of nodes."""
    found: dict[str, str] = {}
    last = ""
    for part in re.split(r",(?![^\[]*\])", text) if text else []:
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign and last in _LISTS and name:
            found[last] += f",{name}"
            continue
        if name not in KEYS:
            raise ProtocolError(
                f"slurm has no key {name!r}{did_you_mean(name, KEYS)}; write slurm:KEY=VALUE,... with some of "
                f"{', '.join(KEYS)}"
            )
        if not value:
            raise ProtocolError(f"slurm: {name} has no value; write {name}={KEYS[name].example}")
        if name in found:
            raise ProtocolError(f"slurm: {name} is given twice; write it once")
        found[name], last = value, name
    return found


def minutes(text: str) -> int:
    """Return whole minutes, rounded up, of a time as Slurm writes it, or with a unit: ``90m``, ``2h``, ``1d``.

    Raises
    ------
    ProtocolError
        If it is no time above 0.
    """
    with_unit = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if with_unit:
        found = float(with_unit[1]) * {"m": 1, "h": 60, "d": 1440}[with_unit[2]]
    else:
        parts = re.fullmatch(r"(?:(\d{1,4})-)?(\d{1,6})(?::(\d{1,2}))?(?::(\d{1,2}))?", text)
        found = _minutes(*parts.groups()) if parts else 0.0
    if found <= 0:
        raise ProtocolError(f"{text!r} is no time; write minutes, or 2h, or 2:00:00, or 1-12:00:00 (days-hours)")
    return math.ceil(found)


def _minutes(days: str | None, first: str, second: str | None, third: str | None) -> float:
    """Return the minutes of Slurm's forms: ``M``, ``M:S``, ``H:M:S``, ``D-H``, ``D-H:M`` and ``D-H:M:S``."""
    a, b, c = (int(part or 0) for part in (first, second, third))
    if days is not None:
        return int(days) * 1440 + a * 60 + b + c / 60
    return a * 60 + b + c / 60 if third is not None else a + b / 60


def memory(text: str) -> int:
    """Return bytes of an amount of memory: ``16GiB``, ``500MB`` or, as Slurm writes it, ``16G``.

    Raises
    ------
    ProtocolError
        If it is no amount, or less than a job needs to start.
    """
    slurm = re.fullmatch(r"(\d{1,9})([KMGT])", text)
    size = parse_size(f"{slurm[1]}{slurm[2]}iB" if slurm else text)
    if size < LEAST_MEMORY:
        raise ProtocolError(f"{text} is too little; a job needs {size_text(LEAST_MEMORY)} to start")
    return size


LEAST_MEMORY = 256 * 2**20
"""Bytes. Python and the libraries that a job loads take about as much."""


def _text(value: str) -> str:
    """Return a name; none has characters that would end a line or an argument of a batch script."""
    if not re.fullmatch(r"[\w.,:+*/@&|!()\[\]-]+", value):
        raise ProtocolError(f"{value!r} is no name that Slurm has; spaces and quotes are not in one")
    return value


def _yes(value: str) -> bool:
    if value != "yes":
        raise ProtocolError(f"{value!r} is not yes; write exclusive=yes, or leave it out")
    return True


@dataclass(frozen=True)
class Key:
    """One key of what a user asks of Slurm.

    Parameters
    ----------
    read
        Returns its value.
    example
        Of a value.
    field
        Of `Wishes`; empty where ``of_submitit`` is given.
    of_submitit
        What submitit calls it.
    """

    read: Callable[[str], Any]
    example: str
    field: str = ""
    of_submitit: str = ""


KEYS: Mapping[str, Key] = {
    "partition": Key(_text, "gpu", of_submitit="partition"),
    "account": Key(_text, "mine", of_submitit="account"),
    "qos": Key(_text, "long", of_submitit="qos"),
    "time": Key(minutes, "2h", field="time"),
    "mem": Key(memory, "16GiB", field="memory"),
    "cpus": Key(options.positive, "4", field="cpus"),
    "gpus": Key(options.positive, "1", of_submitit="gpus_per_node"),
    "gres": Key(_text, "gpu:1", of_submitit="gres"),
    "constraint": Key(_text, "a100", of_submitit="constraint"),
    "nodelist": Key(_text, "node1,node2", of_submitit="nodelist"),
    "exclude": Key(_text, "node1,node2", of_submitit="exclude"),
    "exclusive": Key(_yes, "yes", of_submitit="exclusive"),
    "array_parallelism": Key(options.positive, "20", field="array_parallelism"),
}
"""What a user may ask of Slurm, by its name after ``slurm:``."""

_LISTS = ("nodelist", "exclude")

"""A worker of dask, as the driver knows it."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from typing import Any

from msgspec import MsgspecError, Struct
from msgspec.json import decode

from bench.records.conditions import kind_of_machine
from bench.running.places import introduction
from bench.running.travel.identity import Identity
from protocol.errors import RecbenchError


class Introduction(Struct, frozen=True):
    """What a worker says of itself (see `bench.running.places.introduction`)."""

    host: str
    process: str
    python: str
    recbench: str | None
    identity: Identity | None = None
    environment: dict[str, Any] = {}
    problem: str = ""


@dataclass(eq=False)
class Member:
    """A worker that may run jobs.

    Parameters
    ----------
    address
        Where dask finds it.
    about
        What it said of itself.

    Attributes
    ----------
    gone
        Is set when it has left the cluster.
    takes_jobs
        Whether dask gives it tasks: one that is paused, or is retired, gets none.
    has_begun
        Whether the process of its job has started.
    recalled
        Is set when its job is to go to another worker: it has gone, or takes none and has not begun.
    n_unfit
        How many jobs in a row it could not run.
    """

    address: str
    about: Introduction
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    takes_jobs: bool = True
    has_begun: bool = False
    recalled: asyncio.Event = field(default_factory=asyncio.Event)
    n_unfit: int = 0

    @property
    def kind(self) -> str:
        """The kind of its machine, as a reader sees it."""
        return kind_of_machine(self.about.environment)

    def __str__(self) -> str:
        return f"worker {self.address} ({self.about.host})"


def request() -> str:
    """Return an expression that a worker evaluates to introduce itself, whichever recbench it has."""
    source = inspect.getsource(introduction)
    return f"(lambda scope: exec({source!r}, scope) or scope['introduction']())({{'__name__': 'introduction'}})"


def read_introduction(text: object) -> Introduction:
    """Return what a worker said of itself.

    Raises
    ------
    RecbenchError
        If that cannot be read.
    """
    try:
        return decode(str(text), type=Introduction)
    except MsgspecError as error:
        raise RecbenchError(f"what it says of itself cannot be read ({error})") from error

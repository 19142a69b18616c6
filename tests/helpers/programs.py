"""The programs of other libraries, and whether the environments that they need are built."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from protocol import environments
from protocol.errors import RecommenderError
from protocol.interpreters import interpreter
from recommenders import registry
from recommenders.adapters.program import Program, read_program


def program_of(name: str) -> Program:
    return read_program(Path(registry.find(name).reference.rpartition(":")[0]))


def skip_without_environment(name: str) -> None:
    """Skip where building it would take minutes and gigabytes, unless that is asked for, or no interpreter fits."""
    program = program_of(name)
    if why := _missing(program.requirements, program.python, name.partition(".")[0]):
        pytest.skip(why)


@cache
def _missing(requirements: tuple[str, ...], python: str, library: str) -> str:
    """Say what is missing, or nothing."""
    try:
        if os.environ.get("RECBENCH_PROGRAMS") == "1":
            interpreter(python, "the environment")
            return ""
        if environments.is_ready(requirements, python):
            return ""
    except RecommenderError as error:
        return f"{library}: {error}"
    return f"the environment of {library} is not built; RECBENCH_PROGRAMS=1 builds it"

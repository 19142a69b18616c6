"""The findings of an examination, a verification or a conformance check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Status: TypeAlias = Literal["ok", "warn", "fail", "skip"]

Judgement: TypeAlias = tuple[Status, str]
"""A status, and the message that goes with it."""


@dataclass(frozen=True)
class Finding:
    """One thing that was examined.

    Parameters
    ----------
    name
        Of what was examined.
    status
        ``"ok"``; ``"warn"``: something does not work, or measurements suffer; ``"fail"``: the results cannot be
        trusted; ``"skip"``: it does not apply, or another check has to pass first.
    message
        What was found and, unless it is ok, what to do.
    """

    name: str
    status: Status
    message: str = ""


def examined(name: str, examination: Callable[[], Judgement]) -> Finding:
    """Return what an examination finds; one that raises is itself a failure."""
    try:
        status, message = examination()
    except Exception as error:  # noqa: BLE001 - damage can break anything, and is what is looked for
        status, message = "fail", f"{type(error).__name__}: {error}"
    return Finding(name, status, message)

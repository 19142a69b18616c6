"""What an examination or a verification found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    name
        What it is.
    status
        ``"ok"``; ``"warn"``: something does not work, or measurements suffer; ``"fail"``: nothing can be trusted.
    message
        What was found and, unless it is ok, what to do.
    """

    name: str
    status: Status
    message: str

"""What a check can come to, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.checks.subject import Subject


@dataclass(frozen=True)
class Check:
    """One thing that every recommender must hold to.

    Parameters
    ----------
    name
        What is asked for, in a few words.
    run
        Raises `RefutedError` where it does not hold, `DoubtfulError` or `NotApplicableError`; whatever else is
        raised is a failure, too.
    needs
        Names of the checks that must have passed, or not apply, for this one to say anything.
    """

    name: str
    run: Callable[[Subject], None]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckResult(Finding):
    """The outcome of one check; its message is empty where it is ok.

    Parameters
    ----------
    error
        What was raised, if anything was.
    """

    error: BaseException | None = field(default=None, repr=False, compare=False)


class RefutedError(Exception):
    """What a check found, and what to do about it."""


class DoubtfulError(Exception):
    """What may be meant, and what to say if it is."""


class NotApplicableError(Exception):
    """Why a check does not apply."""

"""A check, its result, and the exceptions by which it reports one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.checks.subject import Subject


@dataclass(frozen=True)
class Check:
    """One rule that every recommender must keep.

    Parameters
    ----------
    name
        The rule in a few words.
    run
        Tests the rule. It raises `RefutedError` if the rule is broken, `DoubtfulError` or `NotApplicableError`. Any
        other exception is a failure, too.
    needs
        Names of the checks that must pass, or not apply, before this one is run.
    """

    name: str
    run: Callable[[Subject], None]
    needs: tuple[str, ...] = ()


WAITS_FOR = "not run, because this must pass first: "
"""How the message of a check begins that needs another one to pass, whose name follows."""


@dataclass(frozen=True)
class CheckResult(Finding):
    """The outcome of one check; its message is empty where it is ok.

    Parameters
    ----------
    error
        The exception that was raised, if any.
    """

    error: BaseException | None = field(default=None, repr=False, compare=False)

    @property
    def waits_for(self) -> str | None:
        """The check that must pass before this one is run; None where it was run, or does not apply."""
        is_waiting = self.status == "skip" and self.message.startswith(WAITS_FOR)
        return self.message.removeprefix(WAITS_FOR) if is_waiting else None


class RefutedError(Exception):
    """The rule is broken; the text says what was found and what to do about it."""


class DoubtfulError(Exception):
    """The finding may be intended; the text says how to declare it."""


class NotApplicableError(Exception):
    """The check does not apply; the text says why."""

"""Run the checks of a recommender in their order."""

from __future__ import annotations

import inspect
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.checks import (
    contract,
    determinism,
    edges,
    epochs,
    full_ranking,
    hyperparameters,
    invariance,
    keeping,
    learning,
    rebuilding,
)
from bench.checks.check import WAITS_FOR, Check, CheckResult, DoubtfulError, NotApplicableError, RefutedError
from bench.checks.subject import Subject
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


CHECKS: dict[str, Check] = {
    check.name: check
    for part in (
        contract,
        determinism,
        invariance,
        edges,
        hyperparameters,
        rebuilding,
        epochs,
        full_ranking,
        keeping,
        learning,
    )
    for check in part.CHECKS
}
"""Every check by its name; each comes after the checks that it needs."""


def check_recommender(entry: registry.Entry, parameters: Mapping[str, Any] | None = None) -> Iterator[CheckResult]:
    """Yield the result of each check as soon as it is known; the checks run in this process.

    `bench.checks.apart.check_apart` runs them in another one, with a time limit.

    Parameters
    ----------
    entry
        The entry of the class: one of `recommenders.registry.entries`, or from `plugin_entry`.
    parameters
        Hyper-parameters with their types.
    """
    examination = Examination(entry, parameters or {})
    yield from map(examination.result, CHECKS)


class Examination:
    """The checks of one recommender; each runs once, when its result is asked for.

    Parameters
    ----------
    known
        Results of an earlier examination, by the check's name; these are not run.
    placement
        See `bench.checks.subject.Subject`.
    """

    def __init__(
        self,
        entry: registry.Entry,
        parameters: Mapping[str, Any],
        known: Mapping[str, CheckResult] | None = None,
        placement: Mapping[str, str] = registry.ON_CPU,
    ) -> None:
        self._subject = Subject(entry, parameters, placement)
        self._results: dict[str, CheckResult] = dict(known or {})

    def result(self, name: str) -> CheckResult:
        """Return the result of a check; the checks that it needs run first."""
        if name not in self._results:
            self._results[name] = self._run(CHECKS[name])
        return self._results[name]

    def _run(self, check: Check) -> CheckResult:
        missing = next((needed for needed in check.needs if not self._is_satisfied(needed)), None)
        if missing is not None:
            return CheckResult(check.name, "skip", f"{WAITS_FOR}{missing}")
        try:
            check.run(self._subject)
        except NotApplicableError as reason:
            return CheckResult(check.name, "skip", str(reason))
        except DoubtfulError as doubt:
            return CheckResult(check.name, "warn", str(doubt))
        except RefutedError as refuted:
            return CheckResult(check.name, "fail", str(refuted), refuted)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - any exception of another author's class is a result
            return CheckResult(check.name, "fail", f"raised {self._text_of(error)}", error)
        return CheckResult(check.name, "ok")

    def _is_satisfied(self, name: str) -> bool:
        """Whether a check passed, or does not apply and the checks that it needs are satisfied."""
        status = self.result(name).status
        if status == "skip":
            return all(map(self._is_satisfied, CHECKS[name].needs))
        return status != "fail"

    def _text_of(self, error: BaseException) -> str:
        """Return an exception in one line, with the line of the recommender's file that raised it."""
        file = inspect.getsourcefile(self._subject.cls)
        lines = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == file]
        place = f" ({Path(file).name}, line {lines[-1]})" if file and lines else ""
        return registry.error_text(error) + place

"""Print the results of conformance checks: what failed comes last, with how many checks wait for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.cli.parsing import EXIT_FAILED, EXIT_OK
from bench.cli.printing import finding_text, indented
from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.checks import CheckResult


def print_check_results(results: Iterable[CheckResult]) -> int:
    """Print each result as soon as it is known, but failures at the end, then the counts; return the exit code.

    Of checks that were not run because another one failed, only the number is printed, below that failure.
    """
    found: dict[str, CheckResult] = {}
    for result in results:
        found[result.name] = result
        if result.status != "fail" and result.waits_for is None:
            print(finding_text(result), flush=True)
    waiting = Counter(_cause(result, found) for result in found.values() if result.waits_for)
    failures = [result for result in found.values() if result.status == "fail"]
    for failure in failures:
        print(finding_text(failure))
        if number := waiting[failure.name]:
            print(indented(f"{count_text(number, 'check')} {'was' if number == 1 else 'were'} not run because of this"))
    print(_counts(found))
    return EXIT_FAILED if failures else EXIT_OK


def _cause(result: CheckResult, found: Mapping[str, CheckResult]) -> str:
    """Return the failed check that a check waits for, perhaps through others that wait, too."""
    while result.waits_for is not None:
        result = found[result.waits_for]
    return result.name


def _counts(found: Mapping[str, CheckResult]) -> str:
    """Return ``12 ok, 1 fail, 3 skip, 20 not run``."""
    counts = Counter("not run" if result.waits_for else result.status for result in found.values())
    shown = [word for word in ("warn", "fail", "skip", "not run") if counts[word]]
    return ", ".join(f"{counts[word]} {word}" for word in ("ok", *shown))

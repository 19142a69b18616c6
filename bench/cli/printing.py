"""Print on standard output: options for tables, findings, and where failures are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cli.parsing import EXIT_FAILED, EXIT_OK
from bench.cli.wrapping import wrapped
from bench.writing.screen import is_styled, screen_width
from bench.writing.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bench.actions.results import Results
    from bench.findings import Finding

MOST_COLUMNS = 92
"""Of a message below the name of a finding."""

_INDENT = " " * 8


def screen_options() -> dict[str, Any]:
    """Return how a table is rendered for standard output."""
    return {"styled": is_styled(), "width": screen_width()}


def brief_screen(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how a table is rendered that has few lines below it, unless ``--notes`` is given."""
    return {**screen_options(), "brief": not arguments.notes}


def failures_text(results: Results) -> str:
    """Return where tracebacks of failed jobs are, and what these printed last."""
    from bench.actions.results import ResultsOverSplits

    if isinstance(results, ResultsOverSplits):
        place = f"failure.detail in {results.documents}"
    else:
        place = f"`recbench show {results.folder} ROW`"
    return f"tracebacks, and what failed jobs printed last: {place}"


def print_findings(findings: Iterable[Finding]) -> int:
    """Print each finding as soon as it is known, then how many have each status; return the exit code."""
    counts = {"ok": 0, "warn": 0, "fail": 0, "skip": 0}
    for finding in findings:
        counts[finding.status] += 1
        print(finding_text(finding), flush=True)
    print(
        f"{counts['ok']} ok" + "".join(f", {counts[word]} {word}" for word in ("warn", "fail", "skip") if counts[word])
    )
    return EXIT_FAILED if counts["fail"] else EXIT_OK


def finding_text(finding: Finding) -> str:
    """Return a finding in lines, for a file in one if it is in order; else the message is below the name."""
    shown, message = f"{finding.status:4}  {printable(finding.name)}", printable(finding.message)
    if finding.status in ("ok", "skip"):
        line, width = f"{shown}: {message}" if message else shown, screen_width()
        return line if width is None else wrapped(line, width, others=_INDENT)
    return f"{shown}\n{indented(message)}" if message else shown


def indented(text: str) -> str:
    """Return a text in lines below the name of a finding."""
    return wrapped(text, min(MOST_COLUMNS, screen_width() or MOST_COLUMNS), _INDENT, _INDENT)

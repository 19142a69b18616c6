"""``recbench doctor``: test the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cli.parsing import add_command, examples
from bench.cli.printing import print_findings

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    add_command(
        commands,
        "doctor",
        _run,
        "test this installation",
        "Test this installation: packages, threads, devices, cache, data, plug-ins, and the pipeline itself\n"
        "(random scores, constant scores and an oracle must get the figures that arithmetic gives).",
        examples(("recbench doctor", "one line each: ok, warn or fail"))
        + "\n\nexit code: 0, nothing failed (there may be warnings); 1, something failed",
    )


def _run(_: argparse.Namespace) -> int:
    from bench.diagnosis.installation import examine

    return print_findings(examine())

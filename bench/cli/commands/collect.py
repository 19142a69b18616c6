"""``recbench collect``: vet the records of a plan, print the table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_table_options, table_options
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen, failures_text
from bench.cli.streams import print_error
from bench.writing.text import count_text

if TYPE_CHECKING:
    import argparse

    from bench.actions.collect import Collection


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "collect DIR",
        _run,
        "collect the records of a plan, print the table",
        "Compare the records of a plan with the specifications of their jobs and with the task, store them in a\n"
        "folder of results, and print the table. What is missing is said, with the command that runs it. Collect as\n"
        "often as you like, also while jobs run.",
        examples(
            ("recbench collect plan", "into plan/results"),
            ("recbench collect plan --out runs/ml-100k", "beside the records of runs on this machine"),
            ("recbench verify plan/results", "then everything that `recbench verify` tests"),
        )
        + "\n\nexit code: 0, all rows have figures; 1, the table was printed but a job failed or is missing; 2, bad "
        "input",
    )
    parser.add_argument("plan", type=Path, metavar="DIR", help="the folder of the plan")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where records go (default: DIR/results)")
    add_table_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench.actions.collect import collection
    from bench.actions.results import TableOptions

    found = collection(arguments.plan, arguments.out, TableOptions().changed(**table_options(arguments)))
    print(found.results.render(arguments.format, **brief_screen(arguments)), end="")
    if found.failed:
        print_error(_what_failed(arguments.plan, found))
    return EXIT_FAILED if found.failed or found.missing else EXIT_OK


def _what_failed(plan: Path, found: Collection) -> str:
    """Return which jobs failed, where their tracebacks are, and how to run them again."""
    from bench.actions.collect import MOST_NAMED

    first, more = found.failed[0], len(found.failed) - MOST_NAMED
    named = ", ".join(map(str, found.failed[:MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")
    return (
        f"recbench: failed: {count_text(len(found.failed), 'job')} ({named}); {failures_text(found.results)}; to run "
        f"job {first} again, remove {plan}/done/{first}.bundle, then `recbench work {plan} --index {first}`"
    )

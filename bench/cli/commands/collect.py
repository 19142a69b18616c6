"""``recbench collect``: vet the records of a plan, print the table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_table_options, table_options
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen
from bench.cli.streams import print_error

if TYPE_CHECKING:
    import argparse


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
    from bench import api
    from bench.running.travel.plan_folder import PlanFolder

    results = api.collect(arguments.plan, out=arguments.out, **table_options(arguments))
    print(results.render(arguments.format, **brief_screen(arguments)), end="")
    if results.n_failed:
        print_error(
            f"recbench: tracebacks, and what failed jobs printed last: failure.detail in {results.documents}; remove "
            f"the job's file in {arguments.plan}/done to run it again"
        )
    n_missing = len(PlanFolder(arguments.plan).jobs) - len(results.records)
    return EXIT_FAILED if results.n_failed or n_missing else EXIT_OK

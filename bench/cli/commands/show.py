"""``recbench show``: what stored records hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_format_option, option
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.cli.printing import screen_options

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "show RESULTS [ROW]",
        _run,
        "show what a record holds: parameters, times, learning curve, failure",
        "Show the stored records, a line each; with ROW, all that the records of this row hold: parameters, accuracy\n"
        "also by slices of users, the learning curve, times, memory, machine and device, what was used, and of a\n"
        "failure its traceback and what the job printed last. Nothing is fitted.",
        examples(
            ("recbench show runs/ml-100k", "all records, a line each"),
            ("recbench show runs/ml-100k neumf", "all about this row, seed by seed"),
            ("recbench show runs/ml-100k neumf --seed 2", "all about one of its records"),
            ("recbench show runs/ml-100k neumf --format json", "the same for a program, with the stored document"),
            ("recbench show runs/ml-100k --format csv", "a line each, unrounded"),
        ),
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    parser.add_argument("row", nargs="?", metavar="ROW", help="a row, as the table prints it (default: a list of all)")
    parser.add_argument("--seed", type=option("seed"), metavar="SEED", help="the training seed (default: all)")
    add_format_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    found = api.show(arguments.results, arguments.row, seed=arguments.seed)
    print(found.render(arguments.format, **screen_options()), end="")
    return EXIT_OK

"""``recbench work``: run jobs of a plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.actions.work import INDEX_VARIABLES
from bench.cli.options import option
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.streams import plugins_aside
from bench.writing.text import printable

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "work DIR",
        _run,
        "run jobs of a plan, on this machine",
        "Run jobs of a plan that `recbench plan` wrote, each in a process of its own, and keep their records in the\n"
        "plan. A job whose record is there does not run again. Several may work on one plan, on several machines, and\n"
        "any of them may be killed: its job runs again, and nothing is lost. Time and memory limits are the plan's.",
        examples(
            ("recbench work plan", "in a job array: the job of its index; elsewhere all that are left"),
            ("recbench work plan --index 3", "one job"),
            ("recbench work plan --index all", "all that are left, one after the other"),
        )
        + "\n\nexit code: 0, the records are in the plan (that a recommender failed is a record, too); 1, a job did\n"
        "not run here, and stderr says why: another process may run it; 2, there is no such plan or index",
    )
    parser.add_argument("plan", type=Path, metavar="DIR", help="the folder of the plan")
    parser.add_argument(
        "--index",
        type=option("index"),
        metavar="N",
        help=f"of the job to run, from 0 on, or all (default: what {' or '.join(INDEX_VARIABLES)} says, else all that "
        "are left)",
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    is_done = True
    with plugins_aside():
        for each in api.work(arguments.plan, arguments.index):
            is_done &= each.is_done
            print(f"[{each.index}] {printable(each.title)}: {printable(each.said)}", file=sys.stderr, flush=True)
    return EXIT_OK if is_done else EXIT_FAILED

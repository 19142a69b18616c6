"""``recbench compare``: two rows of a table against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_format_option, add_notes_option, option
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen
from bench.names import VIEWS
from protocol.evaluation.metrics import METRICS, PRIMARY

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "compare RESULTS A B",
        _run,
        "compare two rows of a table, also by slices of users",
        "Compare two rows of a table: the difference with its interval, effect size, and for how many users\n"
        "each is better. Over all users, and by slices: user activity, popularity of the held-out item, cold\n"
        "items. Nothing is fitted.",
        examples(
            ("recbench compare runs/ml-100k als ease", "by NDCG@10, as the table's marks"),
            ("recbench compare runs/ml-100k als ease:reg=500 --view full", "rows as the table calls them"),
            ("recbench compare runs/ml-100k als ease --metric HR --k 5", "by another metric"),
            ("recbench compare runs/ml-100k als ease --format csv", "all values, unrounded"),
        ),
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    parser.add_argument("ours", metavar="A", help="a row, by its label in the table")
    parser.add_argument("theirs", metavar="B", help="another row")
    parser.add_argument(
        "--metric", type=option("metric"), default=PRIMARY, metavar="METRIC", help=f"one of {', '.join(METRICS)}"
    )
    parser.add_argument(
        "--view",
        choices=VIEWS,
        metavar="VIEW",
        help=f"one of {', '.join(VIEWS)} (default: sampled; full, where no negatives are drawn)",
    )
    parser.add_argument("--k", type=option("cutoff"), default=10, metavar="N", help="cut-off of the metric")
    add_format_option(parser)
    add_notes_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    rows = arguments.results, arguments.ours, arguments.theirs
    found = api.compare(*rows, metric=arguments.metric, view=arguments.view, k=arguments.k)
    print(found.render(arguments.format, **brief_screen(arguments)), end="")
    return EXIT_OK

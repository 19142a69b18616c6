"""``recbench select``: choose hyper-parameters on the validation task."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_data_options, add_plugin_option, add_search_options, data_of, search_options
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "select GRID.toml",
        _run,
        "choose hyper-parameters on the validation task",
        "Try every combination of a grid on the validation task, and write what was tried (trials.csv) and\n"
        "what was best by mean NDCG@10 over seeds (selected.toml). The test task is never scored.\n"
        "Run again, it tries only what is missing.",
        examples(
            ("recbench select grid.toml", "on MovieLens-100K, into runs/selection/ml-100k"),
            ("recbench select grid.toml --seeds 0,1 --jobs 2 --threads 1", "two seeds, two trials at a time"),
        )
        + "\n\ngrid.toml has a table per recommender; lists are tried in full product, scalars are fixed:\n"
        "  [ease]\n"
        "  reg = [100, 200, 500]\n"
        "\n"
        "  [mlp]\n"
        "  learning_rate = [0.001, 0.003]\n"
        '  layers = ["64-32-16", "128-64"]\n'
        "  epochs = 60            # the most; the best number of them is chosen",
    )
    parser.add_argument("grid", type=Path, metavar="GRID.toml", help="what to try")
    add_data_options(parser, default="ml-100k")
    add_plugin_option(parser)
    add_search_options(parser, at_once="trials", out="runs/selection/DATASET")


def _run(arguments: argparse.Namespace) -> int:
    from bench.actions.tune import select_records

    # What a plug-in prints when it is imported is no part of the table.
    with contextlib.redirect_stdout(sys.stderr):
        outcome = select_records(
            arguments.grid,
            data_of(arguments),
            **search_options(arguments),
        )
    print(outcome, end="")
    return EXIT_FAILED if outcome.n_failed else EXIT_OK

"""``recbench tune``: search for hyper-parameters on the validation task, with the same budget for all."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import (
    add_data_options,
    add_search_options,
    add_suite_options,
    data_of,
    option,
    search_options,
)
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "tune",
        _run,
        "search for hyper-parameters, with the same budget for all",
        "Search for hyper-parameters on the validation task with Optuna's TPE, the same budget for every recommender,\n"
        "and write what was tried (trials.csv) and what was best by mean NDCG@10 over seeds (tuned.toml).\n"
        "The test task is never scored. Run again, or with a larger budget, it goes on where it stopped.",
        examples(
            ("recbench tune --trials 30", "those of the default suite that declare a search space"),
            ("recbench tune --seconds 600 -r als -r bpr:embedding_size=64", "two, ten minutes each; one size fixed"),
            ("recbench tune --trials 30 --plugin my_model.py -r mine --spaces spaces.toml", "your own"),
            ("recbench run --params runs/tuning/ml-100k/tuned.toml", "then score the test task, once"),
        )
        + "\n\nspaces.toml has a table per recommender (without one, its own search_space counts):\n"
        "  [mine]\n"
        "  reg = { low = 0.001, high = 10, log = true }\n"
        "  neighbors = { low = 5, high = 200 }     # whole numbers, as both ends are\n"
        '  layers = { choices = ["64-32-16", "128-64"] }\n'
        "  epochs = 60                             # fixed: the most; the best number of them is chosen\n\n"
        "needs: pip install 'recbench[tune]'",
    )
    add_data_options(parser, default="ml-100k")
    add_suite_options(parser, default="those of --spaces, or those of the default suite that declare a search space")
    group = parser.add_argument_group("searching", "--trials, --seconds or both have to be given.")
    group.add_argument("--trials", type=option("trials"), metavar="N", help="combinations to try for each recommender")
    group.add_argument(
        "--seconds",
        type=option("seconds"),
        metavar="S",
        help="seconds of training and validation for each recommender; the trial that uses them up is finished. With "
        "--trials, whichever is used up first",
    )
    group.add_argument(
        "--spaces", type=Path, metavar="SPACES.toml", help="where to look (default: what each recommender declares)"
    )
    group.add_argument(
        "--search-seed", type=option("search_seed"), default=0, metavar="SEED", help="decides what is tried"
    )
    add_search_options(parser, at_once="recommenders", out="runs/tuning/DATASET")


def _run(arguments: argparse.Namespace) -> int:
    from bench.actions.tune import tune_records

    # What a plug-in prints when it is imported is no part of the table.
    with contextlib.redirect_stdout(sys.stderr):
        outcome = tune_records(
            data_of(arguments),
            arguments.recommenders or None,
            trials=arguments.trials,
            seconds=arguments.seconds,
            spaces=arguments.spaces,
            search_seed=arguments.search_seed,
            **search_options(arguments),
        )
    print(outcome, end="")
    return EXIT_FAILED if outcome.n_failed else EXIT_OK

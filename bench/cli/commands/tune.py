"""``recbench tune``: search for hyper-parameters on the validation task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.job_options import (
    add_device_options,
    add_go_on_option,
    add_machine_options,
    add_place_option,
)
from bench.cli.options import (
    add_data_options,
    add_recommender_options,
    add_seeds_option,
    data_from,
    option,
    values_of,
)
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.streams import plugins_aside
from bench.options import DEFAULT_PATIENCE

if TYPE_CHECKING:
    import argparse

_FILES = """

grid.toml has a table per recommender; lists are tried in full product, other values are fixed:
  [mlp]
  learning_rate = [0.001, 0.003]
  layers = ["64-32-16", "128-64"]
  epochs = 60  # at most: the best number is chosen

spaces.toml has a table per recommender too; without a table, its class's own search_space is taken:
  [mine]
  reg = { low = 0.001, high = 10, log = true }
  weight = { low = 0.1, high = 1, auto = true }  # or "auto"
  neighbors = { low = 5, high = 200 }  # whole numbers
  layers = { choices = ["64-32-16", "128-64"] }
  epochs = 60"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "tune",
        _run,
        "search for hyper-parameters, with the same budget for all",
        "Search for hyper-parameters on the validation task: with Optuna's TPE and the same budget for every\n"
        "recommender, or through every combination of a grid. Write what was tried (trials.csv) and what was best\n"
        "by mean NDCG@10 over seeds (tuned.toml), after each trial. The test task is never scored. Stopped, or with a\n"
        "larger budget, the search goes on when it is run again. Needs the extra tune, unless --grid is given.",
        examples(
            ("recbench tune --trials 30", "those of the default suite that declare a search space"),
            ("recbench tune --seconds 600 -r als -r bpr:embedding_size=64", "two, ten minutes each; one size fixed"),
            ("recbench tune --trials 30 --plugin my_model.py -r mine --spaces spaces.toml", "your own"),
            ("recbench tune --grid grid.toml --seeds 0,1 --jobs 2 --threads 1", "a grid, two trials at a time"),
            ("recbench run --params runs/tuning/ml-100k/tuned.toml", "then score the test task, once"),
        )
        + _FILES,
        extra="tune",
    )
    add_data_options(parser, default="ml-100k")
    add_recommender_options(
        parser, default="those of --grid or --spaces, or those of the default suite that declare a search space"
    )
    _add_method_options(parser)
    _add_trial_options(parser)


def _add_method_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that decide which combinations are tried."""
    group = parser.add_argument_group("searching", "Give --trials, --seconds or both; or give --grid alone.")
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
        "--search-seed", type=option("search_seed"), metavar="SEED", help="decides what is tried (default: 0)"
    )
    group.add_argument("--grid", type=Path, metavar="GRID.toml", help="try every combination of this file instead")


def _add_trial_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that decide how a trial runs."""
    group = parser.add_argument_group("running")
    add_seeds_option(group)
    group.add_argument(
        "--patience",
        type=option("patience"),
        default=DEFAULT_PATIENCE,
        metavar="EPOCHS",
        help="stop a trial when validation NDCG@10 has not risen for this many epochs",
    )
    add_machine_options(group)
    add_device_options(group)
    add_place_option(group)
    add_go_on_option(group)
    group.add_argument(
        "--jobs",
        type=option("jobs"),
        metavar="N",
        help="trials to run at once; a free place is filled at once. With 1, the same --search-seed tries the same "
        "combinations; with more, so it is while there are as many recommenders with budget left, and then what is "
        "tried next depends on which trial ends first. Give each few enough --threads (default: as many as the place "
        "of --on runs at once, which is one for local)",
    )
    group.add_argument("--out", type=Path, metavar="FOLDER", help="where results go (default: runs/tuning/DATASET)")


_OPTIONS = (
    "grid",
    "trials",
    "seconds",
    "spaces",
    "search_seed",
    "plugins",
    "seeds",
    "patience",
    "threads",
    "timeout",
    "memory",
    "device",
    "precision",
    "on",
    "same_machine",
    "go_on",
    "jobs",
    "out",
)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    with plugins_aside():
        search = api.tune(
            data_from(arguments),
            arguments.recommenders or None,
            **values_of(arguments, _OPTIONS),
        )
    print(search, end="")
    return EXIT_FAILED if search.n_failed else EXIT_OK

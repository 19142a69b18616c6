"""``recbench run``: fit and score recommenders, print the table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.commands.study import print_plan, print_study
from bench.cli.job_options import (
    add_device_options,
    add_go_on_option,
    add_keep_models_option,
    add_machine_options,
    add_place_option,
)
from bench.cli.options import (
    PROTOCOL_OPTIONS,
    SOURCE_OPTIONS,
    add_data_options,
    add_label_option,
    add_measuring_options,
    add_params_option,
    add_recommender_options,
    add_seeds_option,
    add_table_options,
    add_tune_option,
    data_from,
    table_options,
    values_of,
)
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen, failures_text
from bench.cli.streams import plugins_aside, print_error
from bench.names import FORMATS, check_known, study_formats
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "run",
        _run,
        "fit and score recommenders, print the table",
        "Fit and score recommenders on one dataset, each in a process of its own, and print the table.\n"
        "A row is called like its recommender with the parameters that were given, ease:reg=500, or as --label says.\n"
        "Finished jobs are kept under --out: the same command, run again, fits only what is missing, and what used\n"
        "a file or a library that has changed.",
        examples(
            ("recbench run", "the default suite on MovieLens-100K, one training seed"),
            ("recbench run -r popularity -r ease:reg=500 --seeds 0-2", "two recommenders, three seeds for random ones"),
            ("recbench run -r mlp:layers=64-32-16,epochs=20", "parameters; `recbench list` shows their names"),
            ("recbench run --plugin my_model.py:Mine", "the default suite and the class Mine, or PyTorch module"),
            (
                "recbench run --plugin my_model.py:Mine -r mine:loss=bpr --device auto",
                "a module, on a GPU if there is one",
            ),
            ("recbench run --plugin my_model.py:Mine -r mine:reg=3", "only Mine, with a parameter"),
            ("recbench run --plugin my_package.model:Mine -r mine", "of a package, installed or in this folder"),
            ("recbench run --on local:4", "four jobs at once, each on a core of its own"),
            ("recbench run --timeout 600 --memory 4GiB", "a job that takes more is stopped, and its row says so"),
            ("recbench run --dataset ratings.csv --columns user=who,item=what,timestamp=t", "your own data"),
            ("recbench run --split time --negatives 0", "train on the past, rank all items: no leak, no sampling"),
            ("recbench run --split time:0.9,target=random", "the same cut, a random one of each user's held out"),
            ("recbench run --split random:0 --repeat-splits 5", "five seeds, each a split; means, and how they vary"),
            ("recbench run --split time:0.9 --repeat-splits 3", "three cuts: at .9, .675 and .45 of the interactions"),
            ("recbench run --dataset ncf:data/ml-1m -r ease:reg=1320", "the NCF paper's three files data/ml-1m.*"),
            ("recbench run --params runs/tuning/ml-100k/tuned.toml -r ease -r random", "as `recbench tune` found best"),
            ("recbench run --tune 30 -r als -r bpr", "search first, 30 trials each, then run with what was found"),
            ("recbench run -r ease:reg=500 --label 'ease=EASE (ours)'", "a name of your own for a row"),
            ("recbench run -r als --keep-models", "store the fitted models, too; see `recbench recommend`"),
            ("recbench run --dataset ml-100k --dataset ml-1m -r ease -r als", "a study: one table over both datasets"),
            ("recbench run --patience 5 -r neumf", "choose the epochs on validation, refit, score once"),
        )
        + "\n\nexit code: 0, all rows have figures; 1, the table was printed but a job failed; 2, bad input",
    )
    add_data_options(
        parser,
        default="ml-100k; synthetic data if that cannot be found, and the title of the table says so",
        several=True,
    )
    add_recommender_options(parser)
    add_params_option(parser)
    add_tune_option(parser)
    add_label_option(parser, "kept with the records")
    group = parser.add_argument_group("running")
    add_seeds_option(group)
    add_measuring_options(group)
    add_machine_options(group)
    add_device_options(group)
    add_place_option(group)
    add_go_on_option(group)
    group = parser.add_argument_group("output")
    group.add_argument("--out", type=Path, metavar="FOLDER", help="where records go (default: runs/DATASET)")
    group.add_argument("--refit", action="store_true", help="fit anew what is stored, too")
    add_keep_models_option(group)
    group.add_argument(
        "--dry-run", action="store_true", help="say how many jobs there are and about how long they take; stop"
    )
    add_table_options(group, study_formats())


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    sources = arguments.dataset or [None]
    if len(sources) > 1 or arguments.dry_run:
        return _run_several(arguments)
    check_known("table format", arguments.format, FORMATS)
    arguments.dataset = sources[0]
    with plugins_aside():
        results = api.run(
            data_from(arguments),
            arguments.recommenders or None,
            **values_of(arguments, (*_HOW, *_HERE, *_OF_A_RUN)),
            **table_options(arguments),
        )
    print(results.render(arguments.format, **brief_screen(arguments)), end="")
    if results.n_failed:
        print_error(f"recbench: {failures_text(results)}")
    return EXIT_FAILED if results.n_failed else EXIT_OK


_HOW = ("plugins", "labels", "seeds", "patience", "full_limit", "threads", "timeout", "memory")
_HERE = ("device", "precision", "on", "same_machine", "go_on", "out", "refit", "keep_models")
"""The options of a run that a study has, too, beside the recommenders."""

_OF_A_RUN = ("params", "tune", "repeat_splits")

_FILE = "write a study file, in which each dataset has options of its own and may be tuned (`recbench study --new`)"

_OF_ONE = {"columns": _FILE, "params": _FILE, "repeat_splits": "run each dataset by itself"}
"""The options that are about one dataset, and what to do for several."""

_UNCOUNTED = ("params", "repeat_splits")
"""The options of a run that decide how many jobs there are only when the data are read."""


def _run_several(arguments: argparse.Namespace) -> int:
    """Run on several datasets, or say what would be run on them or on one."""
    from bench import api
    from bench.actions.study_results import compared_of

    sources = arguments.dataset or ["ml-100k"]
    is_one = len(sources) == 1
    for name in _UNCOUNTED if is_one else _OF_ONE:
        if getattr(arguments, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ProtocolError(
                f"--dry-run cannot count the jobs of {option} before the data are read; leave one of them out"
                if is_one
                else f"{option} is about one dataset, and {len(sources)} are given; {_OF_ONE[name]}"
            )
    how = values_of(arguments, _HOW) | {"trials": arguments.tune}
    if arguments.recommenders:
        how["recommenders"] = arguments.recommenders
    compared = compared_of(**table_options(arguments))
    data = values_of(arguments, {*SOURCE_OPTIONS, *PROTOCOL_OPTIONS} - {"dataset"})
    datasets = [api.Data(source, **data) for source in sources]
    if arguments.dry_run:
        given = {name: value for name, value in how.items() if value is not None}
        return print_plan(datasets, arguments.out, refit=arguments.refit, is_plain_run=is_one, **given)
    with plugins_aside():
        results = api.study(
            datasets,
            **how,
            **values_of(arguments, _HERE),
            k=compared.k,
            metric=compared.metric,
            view=compared.view,
            baseline=compared.baseline,
        )
    return print_study(results, arguments)

"""``recbench run``: fit and score recommenders, print the table."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import (
    add_data_options,
    add_device_options,
    add_label_option,
    add_machine_options,
    add_recommender_options,
    add_seeds_option,
    add_table_options,
    data_from,
    option,
    table_options,
)
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import screen_options
from bench.options import DEFAULT_FULL_LIMIT

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
            ("recbench run --timeout 600 --memory 4GiB", "a job that takes more is stopped, and its row says so"),
            ("recbench run --dataset ratings.csv --columns user=who,item=what,timestamp=t", "your own data"),
            ("recbench run --split time --negatives 0", "train on the past, rank all items: no leak, no sampling"),
            ("recbench run --dataset ncf:data/ml-1m -r ease:reg=1320", "the NCF paper's three files data/ml-1m.*"),
            ("recbench run --params runs/tuning/ml-100k/tuned.toml -r ease -r random", "as `recbench tune` found best"),
            ("recbench run -r ease:reg=500 --label 'ease=EASE (ours)'", "a name of your own for a row"),
            ("recbench run -r als --keep-models", "store the fitted models, too; see `recbench recommend`"),
            ("recbench run --patience 5 -r neumf", "choose the epochs on validation, refit, score once"),
        )
        + "\n\nexit code: 0, all rows have figures; 1, the table was printed but a job failed; 2, bad input",
    )
    add_data_options(
        parser,
        default="ml-100k; synthetic data if that cannot be found, and the title of the table says so",
    )
    add_recommender_options(parser)
    parser.add_argument(
        "--params",
        type=Path,
        metavar="FILE.toml",
        help="take parameters from what `recbench tune` wrote, where --recommender gives none; "
        "without --recommender, run what the file has",
    )
    add_label_option(parser, "kept with the records")
    group = parser.add_argument_group("running")
    add_seeds_option(group)
    group.add_argument(
        "--patience",
        type=option("patience"),
        metavar="EPOCHS",
        help="for recommenders that learn in epochs: stop when validation NDCG@10 has not risen for this many epochs, "
        "then refit with the best number of them (default: fit the epochs given)",
    )
    group.add_argument(
        "--full-limit",
        type=option("full_limit"),
        default=DEFAULT_FULL_LIMIT,
        metavar="PAIRS",
        help="rank the full catalogue beside the drawn negatives only up to this many (user, item) pairs; with "
        "--negatives 0 there is no limit",
    )
    add_machine_options(group)
    add_device_options(group)
    group = parser.add_argument_group("output")
    group.add_argument("--out", type=Path, metavar="FOLDER", help="where records go (default: runs/DATASET)")
    group.add_argument("--refit", action="store_true", help="fit anew what is stored, too")
    group.add_argument(
        "--keep-models",
        action="store_true",
        help="store each fitted model, too, for `recbench recommend`; fits anew what is stored without one",
    )
    add_table_options(group)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.records.store import DOCUMENT, RECORDS

    # A plug-in may print when it is imported; that must not get into the table.
    with contextlib.redirect_stdout(sys.stderr):
        results = api.run(
            data_from(arguments),
            arguments.recommenders or None,
            plugins=arguments.plugins,
            params=arguments.params,
            labels=arguments.labels,
            seeds=arguments.seeds,
            patience=arguments.patience,
            full_limit=arguments.full_limit,
            threads=arguments.threads,
            timeout=arguments.timeout,
            memory=arguments.memory,
            device=arguments.device,
            precision=arguments.precision,
            out=arguments.out,
            refit=arguments.refit,
            keep_models=arguments.keep_models,
            **table_options(arguments),
        )
    print(results.render(arguments.format, **screen_options()), end="")
    if results.n_failed:
        records = results.folder / RECORDS / "*" / DOCUMENT
        print(f"recbench: tracebacks, and what failed jobs printed last: failure.detail in {records}", file=sys.stderr)
    return EXIT_FAILED if results.n_failed else EXIT_OK

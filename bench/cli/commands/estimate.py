"""``recbench estimate``: what recommenders will need, before anything is fitted."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.job_options import add_device_options
from bench.cli.options import (
    PROTOCOL_OPTIONS,
    SOURCE_OPTIONS,
    add_data_options,
    add_format_option,
    add_notes_option,
    add_params_option,
    add_recommender_options,
    data_from,
    option,
    values_of,
)
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen
from bench.cli.streams import plugins_aside
from bench.options import DEFAULT_FULL_LIMIT
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "estimate [DATASET|STUDY.toml]",
        _run,
        "say what memory and time jobs will need, and whether they fit",
        "Say how much memory a job of each recommender will need on a dataset, and how long it will take where\n"
        "earlier records say it, beside the memory that is free. The data are read and split; nothing is fitted.\n"
        "A recommender declares its memory with a method resources; of others, earlier records are asked.",
        examples(
            ("recbench estimate ml-100k", "the default suite"),
            ("recbench estimate ratings.csv -r ease -r als:embedding_size=256", "your own data"),
            ("recbench estimate synthetic:160000x60000x25000000 -r ease", "of a size that you have not yet"),
            ("recbench estimate ratings.csv --plugin my_model.py:Mine", "yours, beside the default suite"),
            ("recbench estimate study.toml", "all datasets of a study"),
            ("recbench estimate ml-1m --results old-runs", "with what jobs took that are stored there"),
        )
        + "\n\nexit code: 0, all fit, or it is not known; 1, one cannot fit; 2, bad input",
    )
    parser.add_argument("subject", nargs="?", metavar="DATASET|STUDY.toml", help="in place of --dataset, or a study")
    add_data_options(parser, default="ml-100k; synthetic data if that cannot be found")
    add_recommender_options(parser)
    add_params_option(parser)
    group = parser.add_argument_group("running")
    group.add_argument(
        "--patience",
        type=option("patience"),
        metavar="EPOCHS",
        help="as for `recbench run`: epochs chosen on validation",
    )
    group.add_argument(
        "--full-limit",
        type=option("full_limit"),
        default=DEFAULT_FULL_LIMIT,
        metavar="PAIRS",
        help="as for `recbench run`: up to how many (user, item) pairs the full catalogue is ranked; 0 for never",
    )
    group.add_argument("--threads", type=option("threads"), metavar="N", help="threads of a job (default: all cores)")
    group.add_argument("--memory", type=option("memory"), metavar="SIZE", help="that a job may hold, such as 4GiB")
    add_device_options(group)
    group.add_argument(
        "--results",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="results of earlier runs, or a folder of such folders; repeatable (the folder runs is always looked at)",
    )
    add_format_option(parser)
    add_notes_option(parser)


_OPTIONS = ("plugins", "params", "patience", "full_limit", "threads", "memory", "device", "precision", "results")


def _run(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.actions.estimate import is_study

    if arguments.subject is not None and arguments.dataset is not None:
        raise ProtocolError(f"{arguments.subject} and --dataset {arguments.dataset} are two datasets; name one")
    subject = arguments.subject or arguments.dataset
    options = values_of(arguments, _OPTIONS)
    if is_study(subject):
        names = (*SOURCE_OPTIONS, *PROTOCOL_OPTIONS)
        usual = asdict(api.Data())
        options |= {name: value for name, value in values_of(arguments, names).items() if value != usual[name]}
        options.pop("dataset", None)
    else:
        arguments.dataset, subject = subject, None
    with plugins_aside():
        found = api.estimate(subject or data_from(arguments), arguments.recommenders or None, **options)
    print(found.render(arguments.format, **brief_screen(arguments)), end="")
    return EXIT_FAILED if found.n_without_room else EXIT_OK

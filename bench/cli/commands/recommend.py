"""``recbench recommend``: what a row recommends to a user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import (
    add_format_option,
    add_plugin_option,
    add_source_options,
    option,
    source_from,
)
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.cli.printing import screen_options
from bench.cli.streams import plugins_aside

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "recommend RESULTS ROW --user ID",
        _run,
        "show what a row recommends to a user",
        "Print a user's latest training items and what a row recommends to the user, by the ids of the data, with\n"
        "titles where the dataset has them. Nothing is fitted: the lists are those that the run stored or, where it\n"
        "stored none, those of the kept model (`recbench run --keep-models`). Items that the user touched are left\n"
        "out; the item that was held out is marked where it is in the list.",
        examples(
            ("recbench recommend runs/ml-100k ease --user 196", "ten items for the user 196"),
            ("recbench recommend runs/ml-100k als --user 196 --user 22 --top 20", "for two users, twenty items each"),
            ("recbench recommend runs/ratings ease --user ann --dataset ratings.csv", "your own data"),
            ("recbench recommend runs/ratings ease --user ann --dataset ratings.csv --titles items.csv", "with titles"),
            ("recbench recommend runs/ml-100k ease --user 196 --format csv", "one line per item"),
        ),
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    parser.add_argument("row", metavar="ROW", help="a row, as the table prints it")
    parser.add_argument(
        "--user",
        action="append",
        required=True,
        dest="users",
        metavar="ID",
        help="a user, by the id that the data have; may be given many times",
    )
    parser.add_argument("--top", type=option("top"), default=10, metavar="N", help="how many items of each list")
    parser.add_argument(
        "--seed", type=option("seed"), metavar="SEED", help="the training seed (default: the row's first one)"
    )
    parser.add_argument(
        "--titles",
        type=Path,
        metavar="FILE",
        help="titles of items: a table with a column of ids, item, and one of titles, title (default: those that come "
        "with the dataset)",
    )
    add_plugin_option(parser)
    add_source_options(parser, default="the one that the records name")
    add_format_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench.actions.recommend import recommendations

    with plugins_aside():
        found = recommendations(
            arguments.results,
            arguments.row,
            arguments.users,
            source_from(arguments),
            top=arguments.top,
            seed=arguments.seed,
            titles=arguments.titles,
            plugins=arguments.plugins,
        )
    print(found.render(arguments.format, **screen_options()), end="")
    return EXIT_OK

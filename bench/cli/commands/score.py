"""``recbench score``: rank the scores of any other program, as a row of the table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_data_options, add_table_options, data_from, table_options
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.cli.printing import brief_screen

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "score SCORES",
        _run,
        "rank scores that another program wrote, as a row of the table",
        "Rank scores that another program wrote, on the same candidates and by the same rule as every recommender,\n"
        "and print the table with them as a row marked (external). Nothing is fitted.\n"
        "\n"
        "SCORES is a file or a folder of files: Parquet, CSV or TSV with columns user, item and score, or a TREC\n"
        "run (user Q0 item rank score tag). Every candidate of every user needs one finite score; other pairs\n"
        "are ignored, with a warning. Ids are those of the dataset. Ranks in a run are ignored.",
        examples(
            ("recbench export --format parquet --out tables", "1. what to train on, and what to score"),
            ("recbench score mine.parquet --label mine", "2. a row beside those of `recbench run` in runs/ml-100k"),
            ("recbench score mine.run --dataset ml-1m --out results", "a TREC run, beside the records in results"),
        ),
    )
    parser.add_argument("scores", type=Path, metavar="SCORES", help="a file of scores, or a folder of them")
    parser.add_argument("--label", metavar="NAME", help="what the row is called (default: the file's name)")
    add_data_options(parser, default="ml-100k")
    group = parser.add_argument_group("output")
    group.add_argument(
        "--out", type=Path, metavar="RESULTS", help="the --out folder of a run, to be added to (default: runs/DATASET)"
    )
    add_table_options(group)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    results = api.score(
        arguments.scores,
        data_from(arguments),
        label=arguments.label,
        out=arguments.out,
        **table_options(arguments),
    )
    print(results.render(arguments.format, **brief_screen(arguments)), end="")
    return EXIT_OK

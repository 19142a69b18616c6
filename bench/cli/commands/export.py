"""``recbench export``: write a task as other programs read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_data_options, data_from
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.names import EXPORT_FORMATS

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "export --format FORMAT --out FOLDER",
        _run,
        "write split and candidates as other programs read them",
        "Write a dataset's split and candidates as other programs read them, with the dataset's own ids.\n"
        "\n"
        "  ncf\tthe NCF paper's NAME.train.rating, .test.rating and .test.negative (integer ids); ratings are 1; "
        "`--dataset ncf:FOLDER/NAME` has the same candidates\n"
        "  parquet\tNAME.train.parquet (user, item, timestamp), .heldout.parquet and .candidates.parquet, whose rows, "
        "with a column score added, `recbench score` reads; needs the extra parquet\n"
        "  trec\tNAME.qrels for trec_eval, ranx and others; with --scores, NAME.run, too",
        examples(
            ("recbench export --format parquet --out tables", "MovieLens-100K, for a program of any kind"),
            ("recbench export --format ncf --out ncf --dataset ratings.csv", "for code that reads the NCF files"),
            ("recbench export --format trec --out trec --scores mine.csv", "qrels and a run for trec_eval"),
        ),
        extra="parquet",
    )
    parser.add_argument(
        "--format", choices=EXPORT_FORMATS, required=True, metavar="FORMAT", help=f"one of {', '.join(EXPORT_FORMATS)}"
    )
    parser.add_argument("--out", "-o", type=Path, required=True, metavar="FOLDER", help="where to write")
    parser.add_argument(
        "--scores",
        type=Path,
        metavar="SCORES",
        help="for trec: also write a run, made of scores as `recbench score` takes them",
    )
    add_data_options(parser, default="ml-100k")


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    files = api.export(arguments.format, arguments.out, data_from(arguments), scores=arguments.scores)
    print(*files, sep="\n")
    return EXIT_OK

"""``recbench reproduce``: fit stored records anew, and say whether the ranks are equal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.job_options import add_timeout_option
from bench.cli.options import add_plugin_option, add_source_options, option, source_from
from bench.cli.parsing import add_command, examples
from bench.cli.printing import print_findings
from bench.cli.streams import plugins_aside

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "reproduce RECORD|RESULTS [ROW]",
        _run,
        "fit stored records anew, and say whether the ranks are equal",
        "Fit what stored records are of anew: the same task, split and candidates, parameters, training seed,\n"
        "threads, patience and device. Say for each whether the ranks of all users are equal and, if not, how many\n"
        "differ, how far off the figures are, and what is different here: code, versions, processor, device. What is\n"
        "stored stays as it is. `recbench verify` tests all that needs no fitting.",
        examples(
            ("recbench reproduce results/ml-100k/records/ease-9f2c4e1a7b3d5086", "one record, by its folder"),
            ("recbench reproduce results/ml-100k ease", "the records of a row; a record's name will do, too"),
            ("recbench reproduce results/ml-100k bpr --seed 2", "one of them"),
            ("recbench reproduce runs/mine two_tower --plugin my_model.py", "of a plug-in: give its file"),
            ("recbench reproduce runs/mine ease --dataset mine.csv", "for data of your own, say where the file is"),
            ("recbench reproduce runs/ml-100k", "all records"),
        )
        + "\n\nexit code: 0, all ranks are equal; 1, some are not, or fitting failed; 2, it could not be tried: there\n"
        "is no such record, or its plug-in, device or data are not here",
    )
    parser.add_argument(
        "results", type=Path, metavar="RECORD|RESULTS", help="the folder of a record, or the --out folder of a run"
    )
    parser.add_argument(
        "row", nargs="?", metavar="ROW", help="a row, as the table prints it, or a record's name (default: all records)"
    )
    parser.add_argument("--seed", type=option("seed"), metavar="SEED", help="the training seed (default: all)")
    add_timeout_option(parser)
    add_plugin_option(parser)
    add_source_options(parser, default="the one that the records name")


def _run(arguments: argparse.Namespace) -> int:
    from bench.actions.reproduce import reproductions
    from bench.findings import Finding

    with plugins_aside():
        found = reproductions(
            arguments.results,
            arguments.row,
            source_from(arguments),
            seed=arguments.seed,
            plugins=arguments.plugins,
            timeout=arguments.timeout,
        )
    return print_findings(Finding(one.title, *one.judgement()) for one in found)

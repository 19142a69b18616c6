"""``recbench merge``: several folders of results become one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.parsing import EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "merge RESULTS ... --out FOLDER",
        _run,
        "merge folders of results, of several machines or people, into one",
        "Write the records of several folders into one, with the models that are kept. Each folder has to pass\n"
        "`recbench verify` first (nothing is fetched for this), and all have to be of one task: the same dataset,\n"
        "split, candidates and protocol seed. Nothing is written before all is checked.\n"
        "\n"
        "The same record twice is one. A success takes the place of a failure of the same job. Two records of one job\n"
        "that differ are an error, because only you know which one counts: --prefer says it. Folders of studies are\n"
        "merged dataset by dataset, those of repeated splits split by split; searches (tuning) stay where they are.\n"
        "Times of unequal machines get letters in tables, as always.",
        examples(
            ("recbench merge runs/here runs/there --out runs/all", "then: recbench table runs/all"),
            ("recbench merge runs/there --out runs/here", "adds to the results that are in runs/here"),
            ("recbench merge a b --out c --prefer a", "where two records of one job differ, that of a counts"),
        )
        + "\n\nexit code: 0, merged; 2, not merged: the message says why",
    )
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS", help="the --out folders of runs or studies")
    parser.add_argument(
        "--out",
        "-o",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="a new folder, or results of the same task",
    )
    parser.add_argument(
        "--prefer",
        type=Path,
        metavar="FOLDER",
        help="the folder, one of these, whose record counts where two of one job differ (default: an error names both)",
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.writing.text import count_text, printable

    done = api.merge(arguments.results, arguments.out, prefer=arguments.prefer)
    new = "; ".join(f"{number:,} of {folder}" for folder, number in done.n_written.items())
    print(printable(f"{done.folder}: {count_text(done.n_records, 'record')}, new are {new or 'none'}"))
    return EXIT_OK

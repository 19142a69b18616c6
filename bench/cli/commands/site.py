"""``recbench site``: write many folders of results as a static site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.job_options import add_timeout_option
from bench.cli.options import add_plugin_option
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.streams import plugins_aside

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "site RESULTS ... --out FOLDER",
        _run,
        "write many folders of results as a static site",
        "Write folders of results, of many people and datasets, as a static site that needs no network and no server:\n"
        "datasets and splits side by side, ranks over datasets, accuracy against time, a search, and a page for each\n"
        "dataset, recommender and record. Needs the extra report.\n"
        "\n"
        "Every figure is computed again from the stored rank of each user, and marked: checked, where the record\n"
        "passes all that `recbench verify` tests, candidates made again from the data included; made again here,\n"
        "where --reproduce fitted it anew with the same ranks; not checked, where its data are not here. A record\n"
        "that fails a check counts in no table; it has a page that says why.",
        examples(
            ("recbench site board/* --out site", "a board with a folder for each submitter: open site/index.html"),
            ("recbench site results/ml-100k runs/mine --out site", "folders of results"),
            (
                "recbench site board/* --out site --reproduce",
                "fits everything anew: this takes as long as the runs did",
            ),
            ("recbench site board/* --out site --offline", "fetches no data, and says what was not checked"),
        )
        + "\n\nexit code: 0, the site is written; 1, it is written, and a record fails a check or was fitted anew\n"
        "with other ranks; 2, it could not be written",
        extra="report",
    )
    parser.add_argument(
        "results",
        type=Path,
        nargs="+",
        metavar="RESULTS",
        help="folders of results, or folders that hold such at any depth; files are left out",
    )
    parser.add_argument(
        "--out", "-o", type=Path, required=True, metavar="FOLDER", help="a new folder, or one with an earlier site"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="FOLDER",
        help="look here for named datasets first (default: the environment's RECBENCH_DATA, then the cache)",
    )
    parser.add_argument("--offline", action="store_true", help="fetch no data")
    parser.add_argument(
        "--reproduce", action="store_true", help="fit every record anew that passes all checks, and compare the ranks"
    )
    add_timeout_option(parser)
    add_plugin_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api
    from bench.studies.board.standing import FAULTY, KINDS, MOVED, OPEN
    from bench.writing.text import count_text, printable

    with plugins_aside():
        made = api.site(
            arguments.results,
            arguments.out,
            data_dir=arguments.data_dir,
            offline=arguments.offline,
            reproduce=arguments.reproduce,
            plugins=arguments.plugins,
            timeout=arguments.timeout,
        )
    for entry in made.entries:
        if entry.standing.reasons and entry.standing.kind is not OPEN:
            why = "; ".join(entry.standing.reasons)
            print(printable(f"{entry.source}/{entry.name}: {entry.standing.kind.words}: {why}"))
    number = ", ".join(f"{made.number[kind]:,} {kind.words}" for kind in reversed(KINDS) if made.number[kind])
    print(printable(f"{made.place}: {count_text(len(made.entries), 'record')}: {number}"))
    return EXIT_FAILED if made.number[FAULTY] or made.number[MOVED] else EXIT_OK

"""``recbench cite``: what to cite beside a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_metric_option
from bench.cli.parsing import EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "cite [RESULTS]",
        _run,
        "print BibTeX: recbench, the data, the protocol's sources and each recommender",
        "Print BibTeX of everything that stored results are built on: recbench, the data, the protocol's sources and\n"
        "every recommender with its library. Without RESULTS: of the default protocol and all built-ins.\n"
        "The comments on top say which \\cite belongs to what, and where no source is known.\n\n"
        "A recommender of your own says what to cite in a class attribute that holds BibTeX entries (a program,\n"
        "in its TOML file):\n"
        '    bibtex = """@article{me2026mine, title = {Mine}, ...}"""',
        examples(
            ("recbench cite runs/ml-100k > references.bib", "of the table of these results"),
            ("recbench cite runs/ml-100k --beyond-accuracy", "coverage, popularity and novelty, too"),
            ("recbench cite", "of the built-ins and the default protocol"),
        ),
    )
    parser.add_argument("results", type=Path, nargs="?", metavar="RESULTS", help="the --out folder of a run")
    add_metric_option(parser)
    parser.add_argument(
        "--beyond-accuracy", action="store_true", help="also the sources of what --beyond-accuracy shows in a table"
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    print(api.cite(arguments.results, metrics=arguments.metrics, beyond_accuracy=arguments.beyond_accuracy), end="")
    return EXIT_OK

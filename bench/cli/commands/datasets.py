"""``recbench datasets``: show the datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cli.parsing import EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "datasets [NAME]",
        _run,
        "show the datasets, their terms and where they are",
        "Show the datasets that --dataset knows, their terms, and whether each is on this machine; or all that is\n"
        "known of one: its facts, times, licence, sources, and what to cite. Nothing is fetched.",
        examples(
            ("recbench datasets", "all of them"),
            ("recbench datasets lastfm-2k", "facts, terms, sources and citation of one"),
            ("recbench run --dataset ml-1m", "use one (fetched when it is first named)"),
            ("recbench run --dataset synthetic:200x100x5000", "generated: users x items x interactions"),
        ),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the dataset to show (default: a list of all)")


def _run(arguments: argparse.Namespace) -> int:
    from bench.catalogue.datasets import dataset_card, dataset_text
    from bench.writing.screen import screen_width

    if arguments.name is None:
        print(dataset_text(screen_width()), end="")
        return EXIT_OK
    from bench.citations import references

    print(dataset_card(arguments.name, references(), screen_width()), end="")
    return EXIT_OK

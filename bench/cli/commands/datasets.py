"""``recbench datasets``: show the datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cli.parsing import EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    add_command(
        commands,
        "datasets",
        _run,
        "show the datasets, their terms and where they are",
        "Show the datasets that --dataset knows, their terms, and whether each is on this machine. Nothing is fetched.",
        examples(
            ("recbench datasets", "all of them"),
            ("recbench run --dataset ml-1m", "use one (fetched when it is first named)"),
            ("recbench run --dataset synthetic:200x100x5000", "generated: users x items x interactions"),
        ),
    )


def _run(_: argparse.Namespace) -> int:
    from bench.catalogue.datasets import dataset_text

    print(dataset_text(), end="")
    return EXIT_OK

"""``recbench list``: show the recommenders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cli.options import add_plugin_option
from bench.cli.parsing import EXIT_OK, add_command, examples

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "list",
        _run,
        "show the recommenders and their parameters",
        "Show the recommenders that `recbench run -r` knows: their parameters with defaults, where each comes from,\n"
        "and why a broken one does not load. Plug-ins are imported in a process of their own.",
        examples(
            ("recbench list", "the default suite, the other built-ins, those of installed packages"),
            ("recbench list --plugin my_model.py", "yours as well"),
        ),
    )
    add_plugin_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench.catalogue.recommenders import listed_recommenders, recommender_text
    from bench.writing.screen import screen_width

    print(recommender_text(listed_recommenders(arguments.plugins), screen_width()), end="")
    return EXIT_OK

"""``recbench check``: test a recommender against the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.parsing import add_command, examples
from bench.showing import report

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "check NAME|FILE.py[:Name]",
        _run,
        "test whether a recommender keeps the contract",
        "Test whether a recommender keeps the contract, on a small synthetic dataset.",
        examples(
            ("recbench check my_model.py", "the class in it that has fit and score"),
            ("recbench check my_model.py:Mine", "the class Mine"),
            ("recbench check ease:reg=100", "a built-in, with a parameter"),
        )
        + "\n\nexit code: 0, all checks passed; 1, some failed; 2, it could not be loaded",
    )
    parser.add_argument(
        "recommender",
        metavar="NAME|FILE.py[:Name]|FILE.toml",
        help="a name that `recbench list` shows, a file with a class, or a program's description",
    )


def _run(arguments: argparse.Namespace) -> int:
    from bench.api import iter_checks

    results = iter_checks(arguments.recommender)
    return report((result.name, "ok" if result.passed else "fail", result.message) for result in results)

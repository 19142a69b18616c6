"""``recbench check``: test a recommender against the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.cli.check_results import print_check_results
from bench.cli.job_options import add_device_options
from bench.cli.options import option
from bench.cli.parsing import add_command, examples
from bench.options import DEFAULT_CHECK_TIMEOUT

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "check NAME|FILE.py[:Name]|MODULE[:Name]|FILE.toml",
        _run,
        "test whether a recommender keeps the contract",
        "Test whether a recommender keeps the contract, on small data, in seconds: shapes, seeds, batches, edges,\n"
        "hyper-parameters, epochs; whether it learns a pattern planted in the data and finds none where there is none.",
        examples(
            ("recbench check my_model.py", "the class in it that has fit and score, or the PyTorch module"),
            ("recbench check my_model.py:Mine", "the class Mine"),
            ("recbench check my_package.model:Mine", "a class of a package, installed or in this folder"),
            ("recbench check ease:reg=100", "by its name, with a parameter"),
        )
        + "\n\nIn a test file, each check becomes a test of its own:\n"
        "  from bench.checks import conformance_tests\n"
        '  test_conformance = conformance_tests("my_model.py:Mine")\n'
        "\nexit code: 0, no check failed; 1, some did; 2, it could not be loaded",
    )
    parser.add_argument(
        "recommender",
        metavar="NAME|FILE.py[:Name]|MODULE[:Name]|FILE.toml",
        help="a name that `recbench list` shows, a file or module with a class, or a program's description; "
        "`:param=value,...` may follow",
    )
    parser.add_argument(
        "--timeout",
        type=option("timeout"),
        default=DEFAULT_CHECK_TIMEOUT,
        metavar="SECONDS",
        help="stop a check after this long; it fails, and the others go on (default: %(default)g)",
    )
    add_device_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench.checks import check_apart
    from bench.choices import choose_one
    from bench.machine.devices.choosing import Asked

    choice = choose_one(arguments.recommender)
    asked = Asked(arguments.device, arguments.precision)
    return print_check_results(check_apart(choice.entry, choice.parameters, arguments.timeout, asked=asked))

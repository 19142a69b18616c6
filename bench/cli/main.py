"""The command line: it parses, calls `bench.api` and prints; each command is a module of `bench.cli.commands`.

Nothing heavy is imported before a command needs it, so that ``recbench --help`` answers at once.

Exit codes: 0, success; 1, the command ran, but a recommender or a check failed; 2, it could not
run as asked; 3, where that was asked for, the outcome is unclear; 130, stopped with Ctrl-C or by a
signal; 141, the reader of its output closed the pipe.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from bench.cli.commands import (
    check,
    cite,
    collect,
    compare,
    datasets,
    doctor,
    estimate,
    export,
    merge,
    new,
    plan,
    plot,
    recommend,
    report,
    reproduce,
    run,
    score,
    show,
    site,
    study,
    table,
    timing,
    tune,
    verify,
    work,
)
from bench.cli.commands import list as listing
from bench.cli.help_text import Help
from bench.cli.parsing import EXIT_BROKEN_PIPE, EXIT_OK, EXIT_USAGE, Parser, examples
from bench.cli.streams import drop_unprinted, flush_output, prepare_streams, print_error
from bench.machine.interrupting import EXIT_INTERRUPTED, one_interrupt, say_that_jobs_are_kept
from protocol.errors import RecbenchError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMANDS = (
    run,
    estimate,
    study,
    table,
    report,
    site,
    plot,
    compare,
    show,
    merge,
    recommend,
    cite,
    listing,
    datasets,
    new,
    check,
    doctor,
    tune,
    plan,
    work,
    collect,
    score,
    export,
    verify,
    reproduce,
    timing,
)

RESUMED = frozenset({"run", "study", "tune", "work"})
"""Commands that keep each job as it finishes, and go on from there when they are given again."""

RETIRED = {"select": "tune --grid FILE"}
"""Commands of earlier versions, and what to use instead."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    with one_interrupt(also_others=True):
        try:
            return _main(argv)
        finally:
            drop_unprinted()


def _main(argv: Sequence[str] | None) -> int:
    prepare_streams()
    words = sys.argv[1:] if argv is None else argv
    try:
        _refuse_retired(words)
        if RESUMED.intersection(words[:1]):
            say_that_jobs_are_kept()
        code = _run(words)
        flush_output()
    except BrokenPipeError:
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        kept = "; finished jobs are kept, and the same command goes on from there"
        return _complain(f"stopped{kept if RESUMED.intersection(words[:1]) else ''}", EXIT_INTERRUPTED)
    except RecbenchError as error:
        return _complain(str(error), EXIT_USAGE)
    except OSError as error:
        return _complain(_os_error(error), EXIT_USAGE)
    return code


def _run(words: Sequence[str]) -> int:
    try:
        arguments = make_parser().parse_args(words)
    except SystemExit:
        # It printed help or the version, if that was possible.
        flush_output()
        raise
    with _printed_warnings(), _printed_log():
        code: int = arguments.command(arguments)
    return code


def _refuse_retired(words: Sequence[str]) -> None:
    if words and words[0] in RETIRED:
        raise RecbenchError(f"there is no command {words[0]} any more; use `recbench {RETIRED[words[0]]}`")


@contextlib.contextmanager
def _printed_warnings() -> Iterator[None]:
    """Print each of our warnings as a line on standard error; those of other libraries stay as Python shows them."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", RecbenchWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
            if issubclass(category, RecbenchWarning):
                _print_message(f"warning: {message}")
            else:
                others(message, category, *place, **options)

        warnings.showwarning = show
        yield


@contextlib.contextmanager
def _printed_log() -> Iterator[None]:
    """Print what our packages log, such as what is being fetched, as lines on standard error."""
    import logging

    class Printed(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            print_error(self.format(record))

    handler = Printed()
    loggers = [logging.getLogger(name) for name in ("bench", "protocol", "recommenders")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)


def _complain(message: str, code: int) -> int:
    _print_message(f"{'error: ' if code == EXIT_USAGE else ''}{message}")
    return code


def _print_message(message: str) -> None:
    """Print a message on standard error."""
    from bench.writing.text import printable

    # What a message quotes, such as the header of a file, may hold anything.
    shown = "\n".join(map(printable, message.split("\n")))
    print_error(f"recbench: {shown}")


def _os_error(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason[:1].lower()}{reason[1:]}" if error.filename else reason


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="recbench",
        description="The benchmark harness for recommender implementations:\n"
        "one dataset, one split, one set of candidates, one honest table.",
        epilog=examples(
            ("recbench run", "the default suite on MovieLens-100K"),
            ("recbench run -r popularity -r ease:reg=500", "these two"),
            ("recbench run --plugin my_model.py", "the default suite and yours"),
            ("recbench check my_model.py", "does yours keep the contract?"),
            ("recbench new my-model", "begin a project with model, tests and benchmark"),
            ("recbench COMMAND --help", "more about a command"),
        ),
        formatter_class=Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.set_defaults(command=lambda _: _print_help(parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        command.add(commands)
    return parser


def _print_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return EXIT_OK


class _Version(argparse.Action):
    """Prints the version and the commit; they are looked up only here, as that takes time."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from protocol.installation import commit, version

        found = commit()
        print(f"recbench {version()} ({f'commit {found}' if found else 'unknown commit'})")
        parser.exit()

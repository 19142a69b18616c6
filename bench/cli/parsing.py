"""The parser of the command line: errors in one line, help with examples, exit codes."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from bench.cli.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNCLEAR, EXIT_BROKEN_PIPE = 0, 1, 2, 3, 141


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and say where help is, and that takes no option twice where one is meant.

    Attributes
    ----------
    extra
        The extra of recbench that the command needs; the help ends with how to install it.
    given
        By option: what the words that are being parsed gave for it.
    """

    extra: str = ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.given: dict[str, Any] = {}
        for name, action in ONCE.items():
            self.register("action", name, action)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse words anew: what other words gave before does not count."""
        self.given = {}
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        """Return the help; how an extra is installed is looked up only here, as that takes time."""
        if not self.extra:
            return super().format_help()
        from protocol.installation import how_to_add

        return f"{super().format_help()}\nextra {self.extra}: {how_to_add(self.extra)}\n"

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with code 2."""
        print(f"recbench: error: {message}; see `{self.prog} --help`", file=sys.stderr)
        raise SystemExit(EXIT_USAGE)


class Help(argparse.RawDescriptionHelpFormatter):
    """Help with the examples as written, and each default that is worth knowing."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=min(100, _terminal_width()))

    def _get_help_string(self, action: argparse.Action) -> str:
        text = action.help or ""
        plain = action.default not in (None, False, argparse.SUPPRESS, [])
        return f"{text} (default: %(default)s)" if plain and "default" not in text else text


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((90, 24)).columns


def add_command(
    commands: Any,
    usage: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    description: str,
    epilog: str,
    *,
    extra: str = "",
) -> argparse.ArgumentParser:
    """Add a command and return its parser.

    Parameters
    ----------
    usage
        The command's name and its arguments.
    run
        What the command does; returns the exit code.
    summary, description, epilog
        One line for the list of commands; the texts above and below the options in the command's own help.
    extra
        The extra of recbench that the command needs.
    """
    parser: Parser = commands.add_parser(
        usage.split()[0],
        usage=f"recbench {usage} [options]",
        help=summary,
        description=description,
        epilog=epilog,
        formatter_class=Help,
    )
    parser.extra = extra
    parser.set_defaults(command=run)
    return parser


def examples(*examples: tuple[str, str]) -> str:
    """Return an epilog of commands and what each does; where the command is long, below each other."""
    width = max(len(command) for command, _ in examples)
    if width > 46:
        return "examples:\n" + "\n".join(f"  # {what}\n  {command}" for command, what in examples)
    return "examples:\n" + "\n".join(f"  {command:{width}}  {what}" for command, what in examples)

"""The parser of the command line: errors in one line that name what was meant, help with examples, exit codes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from bench.cli.help_text import BETWEEN, Help, help_width
from bench.cli.once import ONCE
from bench.cli.streams import print_error
from bench.cli.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        """Parse words anew: what other words gave before does not count.

        Unknown words are an error here already, because the parser of all commands, which gets them otherwise, has
        other options.
        """
        self.given = {}
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self._refuse(unknown)
        return found, unknown

    def format_help(self) -> str:
        """Return the help; how an extra is installed is looked up only here, as that takes time."""
        if not self.extra:
            return super().format_help()
        from protocol.installation import how_to_add

        return f"{super().format_help()}\n{wrapped(f'extra {self.extra}: {how_to_add(self.extra)}', help_width())}\n"

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with code 2."""
        _end(message, self.prog)

    def _refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Say that a word is none that the command takes, and which option is most like it."""
        from recommenders.registry.suggestions import did_you_mean

        option = next((word for word in unknown if word.startswith("--")), None)
        if option is None:
            self.error(f"unexpected argument {unknown[0]!r}")
        name = option.partition("=")[0]
        self.error(f"there is no option {name}{did_you_mean(name, self._option_string_actions)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is none of the choices, and say which one is most like it."""
        choices = action.choices
        if choices is None or value in choices:
            return
        from recommenders.registry.suggestions import did_you_mean, nearest

        if isinstance(action, argparse._SubParsersAction):
            near = nearest(value, choices)
            meant = f" (did you mean {near!r}?)" if near else ""
            _end(f"there is no command {value!r}{meant}", f"{self.prog} {near}" if near else self.prog)
        names = [str(choice) for choice in choices]
        message = f"invalid choice: {value!r}{did_you_mean(str(value), names)}; choose from {', '.join(names)}"
        raise argparse.ArgumentError(action, message)


def _end(message: str, command: str) -> NoReturn:
    """Print an error with the command whose help says more, and exit with code 2."""
    print_error(f"recbench: error: {message}; see `{command} --help`")
    raise SystemExit(EXIT_USAGE)


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
        One line for the list of commands; the texts above and below the options in the command's own help (see `Help`).
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
    """Return an epilog of commands and what each does."""
    return "examples:\n" + "\n".join(f"  {command}{BETWEEN}{what}" for command, what in examples)

"""The help of a command, laid out for the terminal: every text is broken at words, whatever the width."""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
from typing import TYPE_CHECKING

from bench.cli.wrapping import USUAL_WIDTH, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_COLUMNS = 100
"""A wider terminal has no longer lines."""

_WIDEST_COMMAND = 46
"""Of an example, in columns; what a longer one does is written above it."""

_LEAST_BESIDE = 24
"""Columns for what an example does beside its command."""

BETWEEN = "\t"
"""Between a name, or an example's command, and what it is, until the width is known."""


def help_width() -> int:
    """Return the width of help, in columns."""
    return min(MOST_COLUMNS, shutil.get_terminal_size((USUAL_WIDTH, 24)).columns)


class Help(argparse.HelpFormatter):
    """Help with descriptions and examples laid out for the terminal, and each default that is worth knowing.

    In a description or an epilog, lines that follow each other are one paragraph. A name and what it is have `BETWEEN`
    between them; other lines that begin with a blank stay as they are.
    """

    def __init__(self, prog: str) -> None:
        width = help_width()
        super().__init__(prog, max_help_position=min(30, width // 3), width=width)

    def _get_help_string(self, action: argparse.Action) -> str:
        text = action.help or ""
        plain = action.default not in (None, False, argparse.SUPPRESS, [])
        return f"{text} (default: %(default)s)" if plain and "default" not in text else text

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width).split("\n")

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        kinds = itertools.groupby(text.split("\n"), key=_layout_of)
        return "\n".join(f"{indent}{line}" for layout, lines in kinds for line in layout(list(lines), width))

    def _format_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[object], prefix: str | None
    ) -> str:
        if usage is None:
            return super()._format_usage(usage, actions, groups, prefix)  # type: ignore[arg-type]
        return f"{wrapped(f'usage: {usage}', self._width, others=' ' * len('usage: '))}\n\n"

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """Return the names of an option, and its value once, behind the last name."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


def _layout_of(line: str) -> Callable[[Sequence[str], int], Iterable[str]]:
    if not line:
        return _as_written
    if BETWEEN in line:
        return _listed
    return _as_written if line.startswith(" ") else _paragraph


def _as_written(lines: Sequence[str], _: int) -> Iterable[str]:
    return lines


def _paragraph(lines: Sequence[str], width: int) -> Iterable[str]:
    return wrapped(" ".join(lines), width).split("\n")


def _listed(lines: Sequence[str], width: int) -> Iterator[str]:
    """Yield names, or commands, with what each is beside it or, where these are long, above it."""
    pairs = [(command.strip(), what) for command, _, what in (line.partition(BETWEEN) for line in lines)]
    widest = max(len(command) for command, _ in pairs)
    is_beside = widest <= min(_WIDEST_COMMAND, width - _LEAST_BESIDE - len("    "))
    for command, what in pairs:
        if is_beside:
            yield from wrapped(what, width, f"  {command:{widest}}  ", " " * (widest + 4)).split("\n")
        else:
            yield from wrapped(what, width, "  # ", "  # ").split("\n")
            yield from _command_lines(command, width)


def _command_lines(command: str, width: int) -> Iterator[str]:
    """Yield a command in lines that a shell takes for one; what is in quotes is not broken."""
    line = " "
    for word in re.findall(r"(?:'[^']*'|[^\s'])+", command):
        if line.strip() and len(f"{line} {word} \\") > width:
            yield f"{line} \\"
            line = "     "
        line = f"{line} {word}"
    yield line

"""The blocks of code of a Markdown page, and what the page says about running them.

A comment right above a block, which readers do not see, says what a test cannot do with it::

    <!-- not run: REASON -->              the commands are only parsed
    <!-- run in PATH: REASON -->          the same; the test or page that runs them is there
    <!-- not compared: REASON -->         a text that is no output of the commands above it, or one that differs
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]

COMMANDS = ("bash", "")
"""The languages of commands; indented blocks have none."""

DATA = ("toml", "yaml", "json")

MARKS = re.compile(r"<!-- (?P<what>not run|not compared|run in (?P<path>[\w./-]+))(: (?P<reason>.+))? -->")

NAMED = re.compile(r"# ([\w./-]+\.\w+)(:.*)?\n")
"""The first line of a block that is a file: its name, and after a colon what it is."""


@dataclass(frozen=True)
class Block:
    """A block of code.

    Parameters
    ----------
    language
        As the fence says it.
    text
        Its lines.
    line
        Where it begins, from 1 on.
    comment
        The comment right above it; empty where there is none.
    """

    language: str
    text: str
    line: int
    comment: str = ""

    @property
    def mark(self) -> re.Match[str] | None:
        """What its comment says, as `MARKS` reads it."""
        return MARKS.fullmatch(self.comment)

    @property
    def file(self) -> str | None:
        """The name of the file that it is."""
        named = NAMED.match(self.text)
        return named[1] if named and self.language in ("python", *DATA) else None

    @property
    def commands(self) -> list[str]:
        """Its commands, without comments behind them."""
        lines = self.text.replace("\\\n", " ").splitlines()
        stripped = (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines)
        return [line for line in stripped if line]


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, without the directives of Sphinx."""
    found, comment = [], ""
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block":
            comment = token.content.strip()
            continue
        if token.type in ("fence", "code_block") and not token.info.startswith("{"):
            assert token.map is not None
            found.append(Block(token.info.strip(), token.content, token.map[0] + 1, comment))
        comment = ""
    return found


def file_of(page: str, name: str) -> str:
    """Return the text of a file that a page shows.

    Parameters
    ----------
    page
        Its path in the repository.
    """
    return next(block.text for block in blocks_of(ROOT / page) if block.file == name)

"""The rows of a text file: each has all columns, and none is lost inside quotation marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.data.lines import Lines
from protocol.data.quotes import are_around_fields
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.layout import Layout


@dataclass(frozen=True)
class Rows:
    """What was found out about the rows of a text file.

    Parameters
    ----------
    quoted
        Whether quotation marks are around fields; None if there are none below the header.
    are_lines
        Whether each line is a row. It is not where there are blank lines or quoted values of several lines.
    """

    quoted: bool | None
    are_lines: bool


def check_rows(path: Path, content: bytes, layout: Layout, n_above: int = 0) -> Rows:
    """Return how the rows of a file are to be read; ``n_above`` lines of the file are above ``content``.

    Raises
    ------
    DatasetError
        If a line has too few or too many columns, or a carriage return inside; if the last line has too few, the file
        was cut short on its way. If rows may be lost inside quotation marks.
    """
    lines = Lines(path, content, layout, n_above)
    if not lines.have_quotes:
        return Rows(None, lines.n_plain_rows() == lines.n_lines)
    quoted, n_rows = _by_evidence(lines) if layout.mark == "\t" else _by_custom(lines)
    return Rows(quoted, n_rows == lines.n_lines)


def _by_custom(lines: Lines) -> tuple[bool, int]:
    """Take quotation marks as quotes; as part of the text if that is wrong, but the rows are the same."""
    try:
        return True, lines.n_quoted_rows()
    except DatasetError:
        if _is_same_without_quotes(lines):
            return False, lines.n_plain_rows()
        raise


def _is_same_without_quotes(lines: Lines) -> bool:
    """Return whether each line is a row of all columns, whether quotation marks are around fields or not."""
    try:
        return lines.n_plain_rows() == lines.n_quoted_rows(strict=False)
    except DatasetError:
        return False


def _by_evidence(lines: Lines) -> tuple[bool, int]:
    """Take quotation marks as part of the text, unless the file shows that they are around fields."""
    try:
        n_rows = lines.n_plain_rows()
    except DatasetError as error:
        try:
            return True, lines.n_quoted_rows()
        except DatasetError:
            raise error from None
    return are_around_fields(lines.body, lines.mark, n_rows), n_rows

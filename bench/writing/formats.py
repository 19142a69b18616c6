"""Tables in the formats of `bench.names.FORMATS`: each is one entry there, and a module with a function ``write``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from bench.names import FORMATS, check_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.names import Format
    from bench.writing.sheet import Sheet


@dataclass(frozen=True)
class Writable:
    """A table before it is written: functions, of which a format calls the one that it needs.

    Parameters
    ----------
    sheet
        Returns the table in words, for formats that people read.
    values
        Returns the values of each row by column, unrounded.
    document
        Returns the values with title and notes, in JSON's types.
    """

    sheet: Callable[[], Sheet]
    values: Callable[[], list[dict[str, Any]]]
    document: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Screen:
    """The screen that a text is written for.

    Parameters
    ----------
    styled
        Whether it shows bold type.
    width
        In columns; None where there is no limit.
    brief
        Whether only what matters most is shown below a table.
    """

    styled: bool = False
    width: int | None = None
    brief: bool = False


def write(what: Writable, form: Format, *, styled: bool = False, width: int | None = None, brief: bool = False) -> str:
    """Return a table as text, ending in a newline.

    Parameters
    ----------
    styled, width, brief
        Of the terminal (see `Screen`); files have none of them.

    Raises
    ------
    ProtocolError
        If the format is unknown.
    """
    check_known("table format", form, FORMATS)
    writer = cast("Callable[[Writable, Screen], str]", import_module(FORMATS[form]).write)
    return writer(what, Screen(styled, width, brief))

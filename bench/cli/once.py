"""Options that are meant to be given once: a second time is an error, not a silent replacement."""

from __future__ import annotations

import argparse
from typing import Any


def _note(action: argparse.Action, parser: Any, value: Any) -> None:
    """Note that an option is given.

    Raises
    ------
    argparse.ArgumentError
        If it was given before.
    """
    name = action.option_strings[-1] if action.option_strings else None
    if name is None:
        return
    if name in parser.given:
        before, now = parser.given[name], value
        values = "" if before is None else f", as {before} and as {now}"
        raise argparse.ArgumentError(action, f"it is given twice{values}; give it once")
    parser.given[name] = value


class _Store(argparse._StoreAction):
    """Stores the value of an option, once."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        _note(self, parser, values)
        super().__call__(parser, namespace, values, option_string)


class _StoreTrue(argparse._StoreTrueAction):
    """Stores True, once."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        _note(self, parser, None)
        super().__call__(parser, namespace, values, option_string)


ONCE: dict[str | None, type[argparse.Action]] = {None: _Store, "store": _Store, "store_true": _StoreTrue}
"""The actions of argparse that take the place of its own, by the name that ``add_argument`` knows them by."""

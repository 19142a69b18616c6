"""A document as JSON: all values, unrounded, with the notes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.writing.formats import Screen, Writable

_NOT_ASCII = re.compile(r"[^\n -~]")


def write(what: Writable, _: Screen) -> str:
    """Return the document as JSON (see `bench.writing.formats`)."""
    return json_text(what.document())


def json_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON; a value that JSON does not know, such as NaN, is an error.

    Characters that a terminal or an editor would obey and not show are written as JSON's escapes: nothing is lost.
    """
    return _NOT_ASCII.sub(_shown, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def _shown(found: re.Match[str]) -> str:
    character = found.group()
    return character if character.isprintable() else json.dumps(character)[1:-1]

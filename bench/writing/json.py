"""A document as JSON: all values, unrounded, with the notes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.writing.formats import Screen, Writable


def write(what: Writable, _: Screen) -> str:
    """Return the document as JSON (see `bench.writing.formats`)."""
    return json_text(what.document())


def json_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON; a value that JSON does not know, such as NaN, is an error."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

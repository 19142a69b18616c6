"""What searches in a folder asked for, in order: with it, the same search goes on where it was stopped.

With one trial of a recommender at a time, a search would ask for the same again by itself. Where several run at once,
what it asks for depends on which of them ended first.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from protocol.drafts import write_output
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ASKED = "asked.json"
"""The name of the file."""


class AskedTrials:
    """The suggestions of the sampler, by search; a search is one of one recommender in one space.

    Parameters
    ----------
    folder
        Of the search's records.

    Raises
    ------
    RecbenchError
        If the file that is there cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / ASKED
        self._of: dict[str, list[dict[str, Any]]] = _read(self._path)

    def of(self, search: str) -> list[dict[str, Any]]:
        """Return what a search asked for, in order: the suggestions by the names of the hyper-parameters."""
        return [*self._of.get(search, [])]

    def add(self, search: str, suggested: Mapping[str, Any]) -> None:
        """Keep one more suggestion. The folder exists."""
        self._of.setdefault(search, []).append(dict(suggested))
        write_output(self._path, json.dumps(self._of, indent=1).encode())


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    is_whole = isinstance(found, dict) and all(
        isinstance(asked, list) and all(isinstance(each, dict) for each in asked) for asked in found.values()
    )
    if not is_whole:
        raise _damaged(path, "expected lists of suggestions, by search")
    return dict(found)


def _damaged(path: Path, why: str) -> RecbenchError:
    return RecbenchError(
        f"{path} is damaged ({why}); remove it: the search then begins anew, and finished trials that it asks for "
        "again are not run again"
    )

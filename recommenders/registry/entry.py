"""An entry of the registry: the name of a recommender, and where its class comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = ".toml"
"""The ending of a file that describes a program."""

BUILT_IN = "built-in"
"""Origin of built-ins."""

LIBRARY, PROGRAM_OF = "library ", "program of "
"""First words of the origin of an adapter."""


@dataclass(frozen=True)
class Entry:
    """A recommender by name, and where its class comes from.

    Parameters
    ----------
    reference
        ``package.module:Name`` or ``/path/to/file.py:Name``.
        Without a name, ``/path/to/file.py:``, it is the only recommender in that file.
    preset
        Hyper-parameters in place of the constructor's defaults.
    origin
        ``"built-in"``, or a text that says which file, library or distribution it belongs to.
    folder
        A folder in which ``package`` is looked for, too; empty if it is on the path.
    by_default
        Whether it belongs to the default suite, which is run and tuned if no recommender is named.
    chosen_on
        The dataset on whose validation task its defaults were chosen; empty if they were not chosen on one.
    papers
        Keys of ``bench/references.bib`` to cite for a recommender of this package; none where there is nothing to cite.
    """

    name: str
    reference: str
    preset: Mapping[str, Any] = field(default_factory=dict)
    origin: str = BUILT_IN
    folder: str = ""
    by_default: bool = False
    chosen_on: str = ""
    papers: tuple[str, ...] = ()

    @property
    def is_program(self) -> bool:
        """Whether a TOML file describes it (see `recommenders.adapters.command`)."""
        return split_reference(self.reference)[0].endswith(PROGRAM)

    @property
    def is_file(self) -> bool:
        """Whether its reference is a path: to the file of a class, or to the description of a program."""
        return self.is_program or split_reference(self.reference)[0].endswith(".py")

    @property
    def public_reference(self) -> str:
        """The reference without the folder of a file, which is private."""
        place, name = split_reference(self.reference)
        return f"{Path(place).name if self.is_file else place}:{name}"


def is_ours(origin: str) -> bool:
    """Return whether recommenders of this origin are part of this package: built-ins and adapters."""
    return origin == BUILT_IN or origin.startswith((LIBRARY, PROGRAM_OF))


def split_reference(reference: str) -> tuple[str, str]:
    """Return place and name, which may be empty; the colon of a drive letter does not separate them.

    Raises
    ------
    RecommenderError
        If the reference has no place.
    """
    matched = re.fullmatch(r"(.+?)(?::([^\W\d][\w.]*)?)?", reference)
    if matched is None:
        raise RecommenderError(
            f"{reference!r} does not say where a class is; write FILE.py:Name or package.module:Name"
        )
    return matched[1], matched[2] or ""

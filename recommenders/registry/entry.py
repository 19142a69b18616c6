"""Where a recommender comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = ".toml"
"""What the name of a file ends with that describes a program."""


BUILT_IN = "built-in"
"""The origin of ours."""


LIBRARY, PROGRAM_OF = "library ", "program of "
"""What the origin of our adapters begins with."""


DISTRIBUTION = "recbench"
"""The distribution that ours are of."""


@dataclass(frozen=True)
class Entry:
    """Where a recommender comes from.

    Parameters
    ----------
    reference
        ``package.module:Name`` or ``/path/to/file.py:Name``.
        Without a name, ``/path/to/file.py:``, it is the only recommender in there.
    preset
        Hyper-parameters in place of the constructor's defaults.
    origin
        ``"built-in"``, or whose it is.
    folder
        Where ``package`` is looked for, too; empty where it is on the path.
    by_default
        Whether it is run and tuned where none is named: the default suite.
    chosen_on
        The dataset for which its defaults were chosen, on the validation task; empty where they were not chosen for
        one.
    """

    name: str
    reference: str
    preset: Mapping[str, Any] = field(default_factory=dict)
    origin: str = BUILT_IN
    folder: str = ""
    by_default: bool = False
    chosen_on: str = ""

    @property
    def is_program(self) -> bool:
        """Whether a TOML file describes it (see `recommenders.adapters.command`)."""
        return split_reference(self.reference)[0].endswith(PROGRAM)

    @property
    def is_file(self) -> bool:
        """Whether it is named by a path: that of a class's file, or of a program's description."""
        return self.is_program or split_reference(self.reference)[0].endswith(".py")

    @property
    def public_reference(self) -> str:
        """The reference without a file's folder: where that lies is nobody's business, and no part of what it is."""
        place, name = split_reference(self.reference)
        return f"{Path(place).name if self.is_file else place}:{name}"


def is_ours(origin: str) -> bool:
    """Return whether recommenders of this origin are part of this package: built-ins and adapters."""
    return origin == BUILT_IN or origin.startswith((LIBRARY, PROGRAM_OF))


def split_reference(reference: str) -> tuple[str, str]:
    """Return place and name, which may be empty; a drive letter's colon is not the one that parts them."""
    matched = re.fullmatch(r"(.+?)(?::([^\W\d][\w.]*)?)?", reference)
    if matched is None:
        raise RecommenderError(f"{reference!r} is no place of a class; write FILE.py:Name or package.module:Name")
    return matched[1], matched[2] or ""

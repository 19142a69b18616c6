"""What was used while a recommender was built, fitted and scored."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - readers of records evaluate the annotations
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Root: TypeAlias = Literal["plug-in", "current", "path"]
"""From where a file's name counts: the plug-in's folder, the current folder, or a folder from which Python imports."""

ABSENT = "absent"
"""In place of a digest: a file that was looked for, and was not there."""

CHANGED = "changed"
"""In place of a digest: a file that changed between its use and the end, so what was used of it is unknown."""


@dataclass(frozen=True)
class Used:
    """The files, libraries and environment variables that a recommender used.

    Parameters
    ----------
    files
        SHA-256 of each file, `ABSENT` or `CHANGED`, by root and by the file's name from there. For Python files it is
        the digest of what the code does (see `recommenders.registry.code_digest`).
    distributions
        Versions of the installed distributions that it imported, by name.
    folder
        The plug-in's folder, as it is reached from the current folder; empty where there is none.
    variables
        SHA-256 of the value of each environment variable that the used code reads, or `ABSENT`, by name.
    """

    files: Mapping[Root, Mapping[str, str]] = field(default_factory=dict)
    distributions: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

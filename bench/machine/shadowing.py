"""Files of other projects that have the names of our packages, and that Python would import instead of ours."""

from __future__ import annotations

from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = ("bench", "protocol", "recommenders")
"""The names of our packages."""

_HOME = Path(__file__).resolve().parents[2]
"""The folder that our packages are in."""


def problem_of_names(folders: Sequence[str] | None = None) -> str:
    """Return which file of another project has the name of one of our packages; empty if there is none.

    Parameters
    ----------
    folders
        Where to look; by default where Python looks in this process.
    """
    for name in OURS:
        spec = find_spec(name) if folders is None else PathFinder.find_spec(name, folders)
        # A folder without __init__.py has no origin, and Python prefers our package to it.
        if spec is None or spec.origin is None or Path(spec.origin).resolve() == _HOME / name / "__init__.py":
            continue
        return (
            f"{spec.origin} is in the way: recbench has a package {name} too, and Python would import this file "
            "instead; rename it, or start recbench from another folder and without this one on PYTHONPATH. In your own "
            f"code, import recbench.{name}, which is always recbench's"
        )
    return ""

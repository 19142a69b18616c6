"""Libraries that a recommender is built on: importing them when they are needed, and their versions.

A recommender names the distributions that it is built on in a class attribute, ``libraries = ("implicit",)``. Their
versions are part of the key of each of its results.
"""

from __future__ import annotations

import importlib
from importlib import metadata
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from protocol.installation import how_to_add, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EXTRAS = {
    "cornac": "cornac",
    "dgl": "cornac-lightgcn",
    "implicit": "implicit",
    "irspack": "irspack",
    "lenskit": "lenskit",
    "scikit-learn": "sklearn",
    "skrecsys": "skrecsys",
    "tensorflow": "cornac-wmf",
}
"""Our extras, by the distribution that they install."""


def load(module: str, distribution: str) -> Any:
    """Import a module of a distribution and return it.

    Raises
    ------
    RecommenderError
        If the distribution is not installed. The message says how to install it, in words: a job calls this, and
        what it raises becomes part of a record, where no path of this machine belongs.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise _missing(distribution, in_words) from error


def versions_of(distributions: Iterable[str]) -> dict[str, str]:
    """Return the installed versions of distributions, by name.

    Raises
    ------
    RecommenderError
        If one is not installed. The message says how to add it to this installation.
    """
    found = {}
    for distribution in distributions:
        try:
            found[distribution] = metadata.version(distribution)
        except metadata.PackageNotFoundError as error:
            raise _missing(distribution, how_to_add) from error
    return found


def _missing(distribution: str, how: Callable[[str], str]) -> RecommenderError:
    """Return the error about a distribution; ``how`` says how to add an extra of ours."""
    extra = EXTRAS.get(distribution)
    advice = how(extra) if extra else f"run `pip install {distribution}`"
    return RecommenderError(f"{distribution} is not installed; {advice}")

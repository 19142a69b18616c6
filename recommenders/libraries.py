"""Libraries that a recommender is built on: importing them when they are needed, and their versions.

A recommender names the distributions that it is built on in a class attribute, ``libraries = ("implicit",)``. Their
versions are part of the key of each of its results.
"""

from __future__ import annotations

import importlib
from importlib import metadata
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Iterable

EXTRAS = {
    "cornac": "cornac",
    "dgl": "cornac-lightgcn",
    "implicit": "implicit",
    "lenskit": "lenskit",
    "scikit-learn": "sklearn",
    "tensorflow": "cornac-wmf",
}
"""Extras of recbench, by the distribution that they install."""


def load(module: str, distribution: str) -> Any:
    """Import a module of a distribution and return it.

    Raises
    ------
    RecommenderError
        If the distribution is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise _missing(distribution) from error


def versions_of(distributions: Iterable[str]) -> dict[str, str]:
    """Return the installed versions of distributions, by name.

    Raises
    ------
    RecommenderError
        If one is not installed; the message says how to install it.
    """
    found = {}
    for distribution in distributions:
        try:
            found[distribution] = metadata.version(distribution)
        except metadata.PackageNotFoundError as error:
            raise _missing(distribution) from error
    return found


def _missing(distribution: str) -> RecommenderError:
    extra = EXTRAS.get(distribution)
    what = f"'recbench[{extra}]'" if extra else distribution
    return RecommenderError(f"{distribution} is not installed; run pip install {what}")

"""What of that which a recommender used is different now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from recommenders.registry.used.digests import digest_now
from recommenders.registry.used.distributions import version_of
from recommenders.registry.used.outcome import ABSENT, CHANGED
from recommenders.registry.used.variables import digest_of_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommenders.registry.used.outcome import Used
    from recommenders.registry.used.roots import Roots


def changes(used: Used, roots: Roots) -> list[str]:
    """Return what is different now, each as a short sentence; empty where all is the same."""
    return [*_changed_files(used, roots), *_changed_distributions(used), *_changed_variables(used)]


def _changed_files(used: Used, roots: Roots) -> Iterator[str]:
    for root, files in used.files.items():
        for name, digest in files.items():
            now = digest_now(roots.find(root, name))
            if digest == CHANGED:
                yield f"{name} changed while it was used"
            elif now != digest:
                yield f"{name} {'is gone' if now == ABSENT else 'is new' if digest == ABSENT else 'has changed'}"


def _changed_distributions(used: Used) -> Iterator[str]:
    for name, version in used.distributions.items():
        now = version_of(name)
        if now is None:
            yield f"{name} {version} is not installed now"
        elif now != version:
            yield f"{name} was {version} and is {now}"


def _changed_variables(used: Used) -> Iterator[str]:
    for name, digest in used.variables.items():
        if digest_of_variable(name, os.environ) != digest:
            yield f"the environment variable {name} has changed"

"""What of that which a recommender used is different now."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from recommenders.registry.source import digest_of_file
from recommenders.registry.used.distributions import version_of
from recommenders.registry.used.outcome import ABSENT, CHANGED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recommenders.registry.used.outcome import Used
    from recommenders.registry.used.roots import Roots


def changes(used: Used, roots: Roots) -> list[str]:
    """Return what is different now, each as a short sentence; empty where all is the same."""
    return [*_changed_files(used, roots), *_changed_distributions(used)]


def _changed_files(used: Used, roots: Roots) -> Iterator[str]:
    for root, files in used.files.items():
        for name, digest in files.items():
            path = roots.find(root, name)
            if digest == CHANGED:
                yield f"{name} changed while it was used"
            elif path is None:
                if digest != ABSENT:
                    yield f"{name} is gone"
            elif digest == ABSENT:
                yield f"{name} is new"
            elif _digest_now(path) != digest:
                yield f"{name} has changed"


def _digest_now(path: Path) -> str | None:
    state = path.stat()
    return _digest(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4096)  # The jobs of one run use mostly the same files.
def _digest(path: Path, _changed_ns: int, _size: int) -> str:
    return digest_of_file(path)


def _changed_distributions(used: Used) -> Iterator[str]:
    for name, version in used.distributions.items():
        now = version_of(name)
        if now is None:
            yield f"{name} {version} is not installed now"
        elif now != version:
            yield f"{name} was {version} and is {now}"

"""What `bench.verify` says of a folder of results, and a recommender that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bench

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = """
class Broken:
    def fit(self, train, *, rng):
        raise ValueError("no luck")
    def score(self, users, items):
        return items * 1.0
"""


def found(folder: Path, **options: Any) -> dict[str, str]:
    """Return the status of each check by its name, without what no check can prove."""
    return dict(bench.verify(folder, **options)["status"].drop("not proven"))


def message(folder: Path, check: str, **options: Any) -> str:
    return str(bench.verify(folder, **options).loc[check, "message"])

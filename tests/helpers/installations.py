"""Installations that were made in some way: what an installer writes down about each."""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

from protocol.installation import DISTRIBUTION

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"

GIT: dict[str, Any] = {
    "url": "https://example.org/a/b.git",
    "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT},
}
"""What pip writes after it installed a branch of a Git repository."""


def source_folder(path: Path, *, editable: bool = False) -> dict[str, Any]:
    """Return what pip writes after it installed a folder."""
    return {"url": path.as_uri(), "dir_info": {"editable": True} if editable else {}}


def description(folder: Path, source: dict[str, Any] | None) -> metadata.Distribution:
    """Write the description of our distribution, as installed from ``source``; None is a package index."""
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: 0.1.0\n")
    if source is not None:
        (folder / "direct_url.json").write_text(json.dumps(source))
    return metadata.Distribution.at(folder)


def install(patch: pytest.MonkeyPatch, *descriptions: metadata.Distribution) -> None:
    """Let Python find these descriptions of our distribution, in this order, and no other."""
    others = metadata.distributions

    def distributions(**context: Any) -> Any:
        return descriptions if context.get("name") == DISTRIBUTION else others(**context)

    patch.setattr(metadata, "distributions", distributions)

"""Versions of what was imported, by the distribution's name."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from recommenders.registry.used.distributions import version_of, versions_of_packages

if TYPE_CHECKING:
    from pathlib import Path


def install(folder: Path, source: dict[str, object] | None, content: str = "a") -> None:
    """Install a distribution whose package has another name."""
    info = folder / "used_example-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (folder / "used_package.py").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: used-example\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"used_package.py,sha256={content},0\n")
    if source is not None:
        (info / "direct_url.json").write_text(json.dumps({"url": "file:///x", **source}))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    return tmp_path


def test_a_package_is_named_for_its_distribution(folder: Path) -> None:
    install(folder, None)
    assert versions_of_packages(["used_package", "json", "of_no_distribution"]) == {"used-example": "1.0"}


@pytest.mark.parametrize("source", [None, {"dir_info": {"editable": True}}])
def test_a_version_from_an_index_is_enough(folder: Path, source: dict[str, object] | None) -> None:
    install(folder, source, "a")
    first = version_of("used-example")
    install(folder, source, "b")
    assert first == version_of("used-example") == "1.0"


def test_two_builds_of_one_version_from_a_folder_differ(folder: Path) -> None:
    install(folder, {"dir_info": {}}, "a")
    first = version_of("used-example")
    install(folder, {"dir_info": {}}, "b")
    second = version_of("used-example")
    assert first is not None
    assert second is not None
    assert first.startswith("1.0 (files ")
    assert first != second


def test_what_is_not_installed_has_no_version() -> None:
    assert version_of("of-no-distribution") is None

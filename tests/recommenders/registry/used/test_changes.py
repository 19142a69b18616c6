"""What is different now from what was used is named, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommenders.registry.source import digest_of_file
from recommenders.registry.used import changes as module
from recommenders.registry.used.changes import changes
from recommenders.registry.used.outcome import ABSENT, CHANGED, Used
from recommenders.registry.used.roots import Roots
from recommenders.registry.used.variables import digest_of_variable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text("{}")
    return path


def found(config: Path, digest: str | None = None) -> list[str]:
    used = Used({"current": {config.name: digest or digest_of_file(config)}})
    return changes(used, Roots(None, config.parent, ()))


def test_the_same_file_is_no_change(config: Path) -> None:
    assert found(config) == []


def test_each_change_of_a_file_is_named(config: Path) -> None:
    digest = digest_of_file(config)
    assert found(config, ABSENT) == ["config.json is new"]
    assert found(config, CHANGED) == ["config.json changed while it was used"]
    config.write_text('{"sign": -1}')
    assert found(config, digest) == ["config.json has changed"]
    config.unlink()
    assert found(config, digest) == ["config.json is gone"]
    assert found(config, ABSENT) == []


def test_each_change_of_a_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USED_SIGN", "1")
    same = digest_of_variable("USED_SIGN", {"USED_SIGN": "1"})
    for digest, answer in ((same, []), (ABSENT, ["the environment variable USED_SIGN has changed"])):
        assert changes(Used(variables={"USED_SIGN": digest}), Roots(None, tmp_path, ())) == answer


def test_each_change_of_a_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "version_of", {"same": "1", "newer": "1.1"}.get)
    used = Used(distributions={"same": "1", "newer": "1.0", "gone": "2"})
    assert changes(used, Roots(None, tmp_path, ())) == ["newer was 1.0 and is 1.1", "gone 2 is not installed now"]

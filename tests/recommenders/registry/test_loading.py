"""Why a plug-in cannot be imported, in a sentence."""

from __future__ import annotations

import pytest

from protocol.errors import RecommenderError
from recommenders.registry import plugin_entry
from recommenders.registry.loading import import_failure


def failure_of(statement: str) -> str:
    with pytest.raises(ImportError) as caught:
        exec(statement, {})
    return str(import_failure("model.py", caught.value))


@pytest.mark.parametrize(
    ("statement", "package"),
    [
        ("import bench.mine", "bench"),
        ("from bench.tables import mine", "bench"),
        ("from protocol import mine", "protocol"),
        ("from recommenders.mine import Model", "recommenders"),
    ],
)
def test_a_package_of_the_users_that_ours_hides_is_named(statement: str, package: str) -> None:
    """A model is imported where our packages are."""
    found = failure_of(statement)
    assert found.startswith("model.py cannot be loaded: ")
    assert found.endswith(f"; here, {package} is recbench's package: if you mean one of your own, give it another name")


@pytest.mark.parametrize("statement", ["import nowhere_at_all", "from json import nothing"])
def test_of_other_names_nothing_is_said(statement: str) -> None:
    assert "recbench's package" not in failure_of(statement)


def test_a_module_that_is_not_found_in_ours_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "model.py").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecommenderError, match=r"pass its file; here, bench is recbench's package: "):
        plugin_entry("bench.model:Mine")

"""Names of used files are found again in another process, under other folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommenders.registry.used.roots import Roots

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_name_finds_the_file_again_after_a_move(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "source").mkdir(parents=True)
        (tmp_path / name / "library.py").write_text("")
    here, there = (Roots(tmp_path / name / "source", tmp_path, ()) for name in ("here", "there"))
    root, name = Roots(tmp_path / "here" / "source", tmp_path / "nowhere", ()).of_code(tmp_path / "here" / "library.py")
    assert (root, name) == ("plug-in", "../library.py")
    for roots, folder in ((here, "here"), (there, "there")):
        path = roots.find(root, name)
        assert path is not None
        assert path.resolve() == tmp_path / folder / "library.py"


def test_the_first_folder_on_the_path_that_has_the_file_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    (second / "core.py").write_text("")
    roots = Roots(None, tmp_path, (first, second))
    assert roots.of_code(second / "core.py") == ("path", "core.py")
    assert roots.find("path", "core.py") == second / "core.py"
    (first / "core.py").write_text("")
    assert roots.find("path", "core.py") == first / "core.py"


def test_the_variable_comes_before_what_this_process_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, added = tmp_path / "named", tmp_path / "added"
    for folder in (named, added):
        folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(named))
    monkeypatch.syspath_prepend(str(added))
    assert Roots.here(None).path[:2] == (named, added)
    assert not any("site-packages" in folder.parts for folder in Roots.here(None).path)

"""A file of another project that has the name of one of our packages is found and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.machine.shadowing import OURS, problem_of_names

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("file", ["{}/__init__.py", "{}.py"])
def test_a_package_or_a_module_of_our_name_is_named(tmp_path: Path, name: str, file: str) -> None:
    place = tmp_path / file.format(name)
    place.parent.mkdir(exist_ok=True)
    place.touch()
    assert problem_of_names([str(tmp_path)]).startswith(f"{place} is in the way: recbench has a package {name} too, ")


def test_a_folder_without_a_package_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "notes.txt").touch()
    assert problem_of_names([str(tmp_path)]) == ""


def test_our_own_folder_and_this_process_have_no_problem() -> None:
    assert problem_of_names([str(ROOT)]) == ""
    assert problem_of_names() == ""

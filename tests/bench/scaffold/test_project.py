"""A new project: it installs, its tests pass, it runs in the suite; and nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from installations import COMMIT, GIT, source_folder

from bench.checks import CHECKS
from bench.checks.examination import Examination
from bench.cli.main import main
from bench.scaffold.project import TEST_REQUIREMENTS, TORCH, Project, write_project
from protocol.errors import RecommenderError
from recommenders.registry import plugin_entry

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("my-model", ("my-model", "my_model", "MyModel", "my_model")),
        ("Deep_KNN2", ("deep-knn2", "deep_knn2", "DeepKNN2", "deep_knn2")),
        ("p3-gamma", ("p3-gamma", "p3_gamma", "P3Gamma", "p3gamma")),
        ("x", ("x", "x", "X", "x")),
    ],
)
def test_one_name_makes_all(name: str, names: tuple[str, str, str, str]) -> None:
    project = Project(name)
    assert (project.distribution, project.package, project.class_name, project.recommender) == names


def test_the_recommender_has_one_name_installed_or_not(tmp_path: Path) -> None:
    write_project("p3-gamma", tmp_path)
    points = tomllib.loads((tmp_path / "p3-gamma/pyproject.toml").read_text())["project"]["entry-points"]
    entry = plugin_entry(str(tmp_path / "p3-gamma/src/p3_gamma/model.py"))
    assert points["recbench.recommenders"] == {entry.name: "p3_gamma.model:P3Gamma"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is not a valid name for a project; begin with a letter"),
        ("2fast", "begin with a letter"),
        ("../up", "begin with a letter"),
        ("a b", "begin with a letter"),
        ("a--b", "begin with a letter"),
        ("modèle", "begin with a letter"),
        ("lambda", "a keyword of Python"),
        ("true", "'True' is a keyword of Python"),
        ("ease", r"a recommender is called 'ease' already: recommenders.ease:EASE \(built-in\)"),
        ("item-knn", "a recommender is called 'item_knn' already"),
        ("p3-alpha", "a recommender is called 'p3alpha' already"),
        ("numpy", "a module is called 'numpy' already"),
        ("json", "a module is called 'json' already"),
        ("bench", "a module is called 'bench' already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        write_project(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_folder", [True, False])
def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str], is_folder: bool) -> None:
    place = tmp_path / "my-model"
    place.mkdir() if is_folder else place.write_text("mine")
    assert main(["new", "my-model", "--folder", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"recbench: error: {place} exists already and was not changed; choose another name or --folder\n"
    )
    assert list(tmp_path.rglob("*")) == [place]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecommenderError, match=r"there is no folder .*nowhere; create it"):
        write_project("my-model", tmp_path / "nowhere")


def test_the_tests_of_a_project_need_what_our_extra_timing_has() -> None:
    ours = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert list(TEST_REQUIREMENTS) == ours["optional-dependencies"]["timing"]


def test_from_a_folder_recbench_is_no_requirement_and_the_command_for_it_is_printed(
    tmp_path: Path, installed_from: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The path is printed on this machine, and is not in the project, which other machines get."""
    installed_from(source_folder(tmp_path, editable=True))
    assert main(["new", "my-model", "--folder", str(tmp_path)]) == 0
    assert f"install recbench first: run `pip install -e '{tmp_path}[timing]'`\n" in capsys.readouterr().out
    for file in ("pyproject.toml", "README.md"):
        assert (
            "Install recbench first, from its clone or Git address: on the package index"
            in (tmp_path / "my-model" / file).read_text()
        )


def test_from_git_recbench_is_a_requirement(
    tmp_path: Path, installed_from: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    installed_from(GIT)
    assert main(["new", "my-model", "--folder", str(tmp_path)]) == 0
    assert "In another environment" not in capsys.readouterr().out
    project = tomllib.loads((tmp_path / "my-model" / "pyproject.toml").read_text())["project"]
    address = f"git+https://example.org/a/b.git@{COMMIT}"
    assert project["optional-dependencies"]["test"] == [f"recbench @ {address}", *TEST_REQUIREMENTS]


def run(folder: Path, *command: str, installed: Path) -> str:
    """Run a command of Python's where the projects are installed, and return what it prints."""
    path = os.pathsep.join([str(installed), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a new project, one of a module, and the folder ``installed``, into which both are."""
    folder = tmp_path_factory.mktemp("projects")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main(["new", "my-model", "--folder", str(folder)]) == 0
        assert main(["new", "--torch", "my-tower", "--folder", str(folder)]) == 0
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert all(str(path) in printed.getvalue() for path in files)
    pip = ("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", "installed")
    run(folder, *pip, "./my-model", "./my-tower", installed=folder / "installed")
    return folder


def output_of_tests(project: Path, *options: str) -> str:
    """Run the tests of a project, and return what pytest prints."""
    options = ("-v", *options, "--benchmark-disable", "-p", "no:cacheprovider")
    return run(project, "pytest", *options, installed=project.parent / "installed")


@pytest.mark.slow
def test_the_tests_of_a_new_project_pass(both: Path) -> None:
    project = both / "my-model"
    files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    assert {"pyproject.toml", "README.md", "src/my_model/model.py", "tests/test_conformance.py"} < files
    points = tomllib.loads((project / "pyproject.toml").read_text())["project"]["entry-points"]
    assert points == {"recbench.recommenders": {"my_model": "my_model.model:MyModel"}}
    printed = output_of_tests(project)
    assert printed.count("tests/test_conformance.py::test_conformance[my_model-") == len(CHECKS)
    assert "tests/test_timing.py::test_timing[" in printed
    assert "failed" not in printed


@pytest.mark.slow
def test_the_tests_of_a_new_project_of_a_module_pass(both: Path) -> None:
    """Of the checks, it passes the first ones: all checks of modules run elsewhere."""
    printed = output_of_tests(both / "my-tower", "-k", "not test_conformance or score_answers or inputs_stay")
    assert printed.count("tests/test_conformance.py::test_conformance[my_tower-") == 2
    assert "tests/test_model.py::test_scores_of_two_items PASSED" in printed
    assert "tests/test_timing.py::test_timing[" in printed


@pytest.mark.slow
def test_new_projects_run_where_they_are_installed(both: Path) -> None:
    installed = both / "installed"
    listed = run(both, "bench", "list", installed=installed)
    assert "entry point of my-model" in listed
    assert "deterministic; alpha=1" in listed
    names = ("my_model:alpha=0.5", "my_tower:embedding_size=4,epochs=1,loss=bpr")
    options = ("--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1", "--format", "csv")
    table = run(both, "bench", "run", *(word for name in names for word in ("-r", name)), *options, installed=installed)
    assert all(name in table for name in names)


def test_a_project_of_a_module_has_tests_that_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own tests run, one check and one benchmark here: all checks of modules run elsewhere."""
    write_project("my-tower", tmp_path, TORCH)
    project = tmp_path / "my-tower"
    points = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert points["dependencies"] == ["torch>=2.4"]
    assert points["entry-points"]["recbench.recommenders"] == {"my_tower": "my_tower.model:MyTower"}
    for file in ("test_conformance.py", "test_timing.py"):
        assert '("my_tower", epochs=4)' in (project / "tests" / file).read_text()
    assert "training_step(users, positives, negatives)" in (project / "README.md").read_text()

    monkeypatch.syspath_prepend(project / "src")
    for name, test in runpy.run_path(str(project / "tests" / "test_model.py")).items():
        if name.startswith("test_"):
            test()
    examined = Examination(plugin_entry(f"{project / 'src/my_tower/model.py'}:MyTower"), {"epochs": 4})
    assert examined.result("score_all agrees with score").status == "ok"

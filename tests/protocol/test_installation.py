"""How an extra is added to an installation from a folder, an archive, a Git address or an index."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from installations import COMMIT, GIT, description, install, source_folder

from bench.cli.main import main
from protocol.installation import COMMIT_FILE, DISTRIBUTION, commit, how_to_add, in_words, requirement, version

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = "install the extra report the way you installed recbench"


def test_the_name_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert (DISTRIBUTION, version()) == (project["name"], project["version"])


def test_an_editable_folder_stays_editable_and_blanks_are_quoted(tmp_path: Path, installed_from: Callable) -> None:
    place = tmp_path / "my clone"
    place.mkdir()
    installed_from(source_folder(place, editable=True))
    assert how_to_add("report") == f"run `pip install -e '{tmp_path}/my clone[report]'`"
    assert requirement() == ""


def test_a_folder_or_an_archive_of_this_machine_is_installed_again(tmp_path: Path, installed_from: Callable) -> None:
    installed_from(source_folder(tmp_path))
    assert how_to_add("report") == f"run `pip install 'recbench[report] @ file://{tmp_path}'`"
    wheel = tmp_path / "recbench-0.1.0-py3-none-any.whl"
    wheel.touch()
    installed_from({"url": wheel.as_uri(), "archive_info": {"hashes": {"sha256": "00"}}})
    assert how_to_add("report") == f"run `pip install 'recbench[report] @ file://{wheel}'`"
    assert requirement() == ""


@pytest.mark.parametrize("editable", [True, False])
def test_a_source_that_is_gone_gives_words(tmp_path: Path, installed_from: Callable, editable: bool) -> None:
    installed_from(source_folder(tmp_path / "gone", editable=editable))
    assert how_to_add("report") == WORDS


@pytest.mark.parametrize(
    ("source", "address"),
    [
        (GIT, f"git+https://example.org/a/b.git@{COMMIT}"),
        (GIT | {"subdirectory": "py"}, f"git+https://example.org/a/b.git@{COMMIT}#subdirectory=py"),
        (
            {"url": "https://example.org/recbench-0.1.0.tar.gz", "archive_info": {}},
            "https://example.org/recbench-0.1.0.tar.gz",
        ),
    ],
)
def test_an_address_is_used_again_with_its_commit(
    source: dict[str, Any], address: str, installed_from: Callable
) -> None:
    installed_from(source)
    assert how_to_add("tune") == f"run `pip install 'recbench[tune] @ {address}'`"
    assert requirement() == f"recbench @ {address}"


def test_a_repository_on_this_machine_is_no_requirement_elsewhere(tmp_path: Path, installed_from: Callable) -> None:
    installed_from(GIT | {"url": tmp_path.as_uri()})
    assert how_to_add("report") == WORDS
    assert requirement() == ""


def test_from_an_index_there_are_words_and_no_name_for_pip(installed_from: Callable) -> None:
    installed_from(None)
    assert how_to_add("report") == in_words("report") == WORDS
    assert requirement() == ""


def test_a_description_without_source_does_not_hide_one_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone holds ``recbench.egg-info``, which Python finds first when it runs there."""
    in_the_clone = description(tmp_path / "recbench.egg-info", None)
    installed = description(tmp_path / "dist-info", source_folder(tmp_path, editable=True))
    install(monkeypatch, in_the_clone, installed)
    assert how_to_add("tune") == f"run `pip install -e '{tmp_path}[tune]'`"


def test_the_shell_takes_the_command_apart_as_meant(tmp_path: Path, installed_from: Callable) -> None:
    place = tmp_path / "it's; $HOME"
    place.mkdir()
    installed_from(source_folder(place, editable=True))
    command = how_to_add("report").removeprefix("run `").removesuffix("`")
    assert shlex.split(command) == ["pip", "install", "-e", f"{place}[report]"]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the code in an installation that is no checkout."""
    (tmp_path / "protocol").mkdir()
    monkeypatch.setattr("protocol.installation.__file__", str(tmp_path / "protocol" / "installation.py"))
    return tmp_path / "protocol"


def test_an_installation_has_the_commit_that_it_was_built_from_or_says_that_it_is_unknown(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commit() is None
    for text, found in (("0123456789ab+\n", "0123456789ab+"), ("\n", None)):
        (elsewhere / COMMIT_FILE).write_text(text)
        assert commit() == found
        with pytest.raises(SystemExit):
            main(["--version"])
        assert capsys.readouterr().out == f"recbench {version()} ({f'commit {found}' if found else 'unknown commit'})\n"


def test_a_checkout_asks_git(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = elsewhere.parent
    (elsewhere / COMMIT_FILE).write_text("of an earlier build")
    (root / "bench").mkdir()
    (root / ".git").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(root.parent))
    assert commit() is None  # a folder of this name, and no repository
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "--message", "x")):
        subprocess.run(["git", *words], cwd=root, check=True)
    assert re.fullmatch("[0-9a-f]{12}", commit() or "")
    (root / "bench" / "more.py").write_text("")
    assert re.fullmatch(r"[0-9a-f]{12}\+", commit() or "")

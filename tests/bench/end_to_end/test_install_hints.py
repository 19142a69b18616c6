"""No text tells pip to take recbench from an index: on the package index, that name belongs to another project."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from installations import GIT, source_folder

from bench.cli.main import COMMANDS, main
from protocol.installation import DISTRIBUTION
from recommenders.libraries import EXTRAS, load, versions_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]

BARE = re.compile(rf"pip3? install\s+[^`\n]*?(?<![^\s'\"]){DISTRIBUTION}(?:\[[\w,-]+\])?(?![\w./\[\]-])(?!\s*@)")
"""The name as one of pip's arguments, with or without extras, and without an address behind it."""

TEXTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "results").glob("*.md")),
    *(path for room in ("bench", "protocol", "recommenders") for path in sorted((ROOT / room).rglob("*.*"))),
    ROOT / "Makefile",
    ROOT / "pyproject.toml",
]

SOURCES: dict[str, dict[str, Any] | None] = {
    "index": None,
    "git": GIT,
    "editable": source_folder(ROOT, editable=True),
    "folder": source_folder(ROOT),
}


@pytest.fixture(params=SOURCES)
def _installed(request: pytest.FixtureRequest, installed_from: Callable[[Any], None]) -> None:
    installed_from(SOURCES[request.param])


@pytest.mark.parametrize(
    ("text", "is_bare"),
    [
        ("pip install recbench", True),
        ("run `pip install 'recbench[report]'`", True),
        ('pip install -U --quiet "recbench[report,tune]"', True),
        ("pip install\n'recbench[tune]'", True),
        ("pip install recbench==0.1.0", True),
        ("pip install numpy recbench", True),
        ("pip install 'recbench[report] @ git+https://example.org/a.git'", False),
        ("pip install -e '/home/me/recbench[report]'", False),
        ("pip install -e '.[test]'\n    recbench list", False),
        ("`pip install x`, then recbench", False),
    ],
)
def test_a_bare_name_is_recognised(text: str, is_bare: bool) -> None:
    assert bool(BARE.search(text)) == is_bare


def test_no_source_or_document_has_one() -> None:
    texts = {
        path: path.read_text(encoding="utf-8").replace("\\n", "\n")
        for path in TEXTS
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(texts) > 300
    assert {str(path): found[0] for path, text in texts.items() if (found := BARE.search(text))} == {}


@pytest.mark.usefixtures("_installed")
def test_no_help_has_one(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], *([command.__name__.rpartition(".")[2]] for command in COMMANDS)):
        with pytest.raises(SystemExit) as end:
            main([*words, "--help"])
        assert not end.value.code
    shown = capsys.readouterr().out
    assert len(re.findall(r"\nextra \w+:", shown)) == len(["plot", "report", "site", "tune", "timing", "export"])
    assert not BARE.search(shown)


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("distribution", EXTRAS)
def test_no_error_about_a_missing_library_has_one(distribution: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    monkeypatch.setitem(sys.modules, "missing_library", None)
    for ask in (lambda: versions_of([distribution]), lambda: load("missing_library", distribution)):
        with pytest.raises(Exception, match=f"^{distribution} is not installed; ") as raised:
            ask()
        assert not BARE.search(str(raised.value))


@pytest.mark.usefixtures("_installed", "in_this_process")
def test_no_error_about_a_missing_extra_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = ["--dataset", "synthetic:60x80x900", "--negatives", "20"]
    assert main(["run", *data, "-r", "popularity", "--threads", "1", "--out", "runs"]) == 0
    (tmp_path / "a.parquet").touch()
    capsys.readouterr()
    for module in ("vl_convert", "jinja2", "optuna", "pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("bench.timing.sessions.NEEDED", ("no_such_package",))
    for words in (
        ["plot", "pareto", "runs", "-o", "a.svg"],
        ["report", "runs"],
        ["tune", "-r", "ease", "--trials", "1", *data],
        ["timing", "tests", "--save"],
        ["run", "--dataset", "a.parquet"],
        ["export", *data, "--format", "parquet", "--out", "out"],
    ):
        assert main(words) == 2, words
        error = capsys.readouterr().err
        assert "run `pip install" in error or "the way you installed recbench" in error
        assert not BARE.search(error)


@pytest.mark.parametrize("source", SOURCES)
def test_no_new_project_has_one(
    source: str, installed_from: Callable[[Any], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed_from(SOURCES[source])
    assert main(["new", "my-model", "--folder", str(tmp_path)]) == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for text in (capsys.readouterr().out, *(path.read_text() for path in files)):
        assert not BARE.search(text)
    assert not [path for path in files if str(ROOT) in path.read_text()]
    project = tomllib.loads((tmp_path / "my-model" / "pyproject.toml").read_text())["project"]
    required = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    ours = [one for one in required if re.match(rf"{DISTRIBUTION}\b", one)]
    address = f"{GIT['url']}@{GIT['vcs_info']['commit_id']}"
    assert ours == ([f"{DISTRIBUTION} @ git+{address}"] if source == "git" else [])

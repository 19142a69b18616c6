"""Digests of source: a change of any file that a recommender consists of changes its digest, and nothing else does."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from protocol.errors import RecommenderError
from recommenders.registry import source_files
from recommenders.registry.source import digest_of, text_digest_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small package in the place of ours, in which `source_files` looks for its modules."""
    folder = tmp_path / "recommenders"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "model.py").write_text("import numpy\nfrom recommenders.shared import helper\n")
    (folder / "shared.py").write_text("def helper():\n    from recommenders import deep\n")
    (folder / "deep.py").write_text("import recommenders.model\n")
    (folder / "other.py").write_text("")
    monkeypatch.setattr(source_files, "__file__", str(folder / "registry" / "source_files.py"))
    return folder


@pytest.mark.parametrize(("changed", "matters"), [("model", True), ("shared", True), ("deep", True), ("other", False)])
def test_a_builtin_is_its_module_and_all_it_imports(package: Path, changed: str, matters: bool) -> None:
    before = digest_of("recommenders.model:Model")
    (package / f"{changed}.py").write_text((package / f"{changed}.py").read_text() + "changed = 1\n")
    assert (digest_of("recommenders.model:Model") != before) == matters


@pytest.mark.parametrize(("changed", "matters"), [("mine", True), ("helper", True), ("stranger", False)])
def test_a_file_counts_what_lies_beside_it(tmp_path: Path, changed: str, matters: bool) -> None:
    (tmp_path / "mine.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "stranger.py").write_text("")
    before = digest_of(f"{tmp_path}/mine.py:Mine")
    (tmp_path / f"{changed}.py").write_text("import helper\nchanged = 1\n")
    assert (digest_of(f"{tmp_path}/mine.py:Mine") != before) == matters


@pytest.mark.parametrize(
    ("changed", "matters"),
    [
        ("__init__", True),
        ("deep", True),
        ("sibling", True),
        ("inner/__init__", True),
        ("inner/core", True),
        ("stranger", False),
    ],
)
def test_a_package_beside_it_counts_with_its_relative_imports(tmp_path: Path, changed: str, matters: bool) -> None:
    texts = {
        "mine": "from helpers.deep import f\n",
        "helpers/__init__": "",
        "helpers/deep": "from . import sibling\nfrom .inner.core import f\n",
        "helpers/sibling": "",
        "helpers/inner/__init__": "",
        "helpers/inner/core": "from ..sibling import g\n",
        "helpers/stranger": "",
    }
    (tmp_path / "helpers" / "inner").mkdir(parents=True)
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    before = digest_of(f"{tmp_path}/mine.py:Mine")
    (tmp_path / "helpers" / f"{changed}.py").write_text(f"{texts[f'helpers/{changed}']}changed = 1\n")
    assert (digest_of(f"{tmp_path}/mine.py:Mine") != before) == matters


def test_a_file_counts_ours_that_it_builds_on(package: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from recommenders.model import Model\n")
    before = digest_of(f"{tmp_path}/mine.py:Mine")
    (package / "deep.py").write_text("changed = 1\n")
    assert digest_of(f"{tmp_path}/mine.py:Mine") != before


def test_where_a_file_lies_does_not_matter(tmp_path: Path) -> None:
    for folder in "ab":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text("x = 1\n")
    assert digest_of(f"{tmp_path}/a/mine.py:Mine") == digest_of(f"{tmp_path}/b/mine.py:Mine")


def test_of_a_package_all_files_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "foreign_recommenders"
    (folder / "deep").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('nothing is run')\n")
    (folder / "deep" / "far.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    before = digest_of("foreign_recommenders.model:Model")
    (folder / "deep" / "far.py").write_text("changed = 1\n")
    assert digest_of("foreign_recommenders.model:Model") != before


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere.py:Mine", r"nowhere\.py cannot be read"),
        ("recommenders.nowhere:Mine", r"no module recommenders\.nowhere"),
        ("nowhere_at_all.deep:Mine", "no package nowhere_at_all"),
    ],
)
def test_no_source_is_an_error(reference: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        digest_of(reference)


def test_a_file_that_is_no_python_is_its_bytes(tmp_path: Path) -> None:
    """Its job will say what is wrong with it, and a mended one is another."""
    digests = set()
    for text in ("def (:\n", "def [:\n"):
        (tmp_path / "mine.py").write_text(text)
        digests.add(digest_of(f"{tmp_path}/mine.py:Mine"))
    assert len(digests) == 2


@pytest.mark.parametrize(("changed", "matters"), [("lone", True), ("helper", True), ("stranger", False)])
@pytest.mark.parametrize("on_path", [True, False])
def test_a_single_module_counts_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str, matters: bool, on_path: bool
) -> None:
    for name, text in {"lone": "import helper\n", "helper": "", "stranger": ""}.items():
        (tmp_path / f"{name}.py").write_text(text)
    if on_path:
        monkeypatch.syspath_prepend(tmp_path)
    before = digest_of("lone:Lone", str(tmp_path))
    (tmp_path / f"{changed}.py").write_text("import helper\nchanged = 1\n")
    assert (digest_of("lone:Lone", str(tmp_path)) != before) == matters


def test_a_comment_or_docstring_changes_the_digest_of_the_text_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("x = 1\n")
    reference = f"{tmp_path}/mine.py:Mine"
    code, text = digest_of(reference), text_digest_of(reference)
    (tmp_path / "helper.py").write_text("'''What x is for.'''\n\nx = 1  # one\n")
    assert digest_of(reference) == code
    assert text_digest_of(reference) != text
    (tmp_path / "helper.py").write_text("x = 2\n")
    assert digest_of(reference) != code


def test_every_byte_of_a_file_that_is_not_python_counts(tmp_path: Path) -> None:
    lines = 'name = "mine"\nfit = ["./fit"]\nscore = ["./score"]\n'
    (tmp_path / "mine.toml").write_text(lines)
    (tmp_path / "fit").write_text("x = 1\n")
    before = digest_of(f"{tmp_path}/mine.toml:Program")
    (tmp_path / "mine.toml").write_text(f"{lines}# a comment\n")
    commented = digest_of(f"{tmp_path}/mine.toml:Program")
    (tmp_path / "fit").write_text("x = 1  # a comment\n")
    assert len({before, commented, digest_of(f"{tmp_path}/mine.toml:Program")}) == 3


def test_builtins_have_digests_without_being_imported() -> None:
    code = (
        "import sys; from recommenders import registry; "
        "built_in = [entry for entry in registry.entries().values() if entry.origin == 'built-in']; "
        "print(len(built_in) - len({registry.source_digest(entry) for entry in built_in})); "
        "assert 'recommenders.ease' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    # mlp_post is mlp with other parameters, and torch.mlp_post is torch.mlp.
    assert int(done.stdout) == 2

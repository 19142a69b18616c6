"""Files as modules."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from recommenders.registry.python_file import FILES, load_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _restore(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv(FILES, "{}")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    for folder, value in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(f"value = {value}\n")
    one, two = (load_file(tmp_path / folder / "mine.py") for folder in "ab")
    assert (one.value, two.value) == (1, 2)
    assert sys.modules[one.__name__] is one


def test_a_file_may_use_what_lies_beside_it_and_shadows_nothing(tmp_path: Path) -> None:
    (tmp_path / "beside_mine.py").write_text("value = 7\n")
    (tmp_path / "json.py").write_text("raise ImportError('shadowed')\n")
    (tmp_path / "mine.py").write_text("import json\nfrom beside_mine import value\n")
    assert load_file(tmp_path / "mine.py").value == 7


def test_dataclasses_work(tmp_path: Path) -> None:
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\n"
    )
    (tmp_path / "mine.py").write_text(text)
    assert load_file(tmp_path / "mine.py").A().x == 1


def test_a_file_that_fails_leaves_no_module(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise KeyError('no')\n")
    before = set(sys.modules)
    with pytest.raises(KeyError):
        load_file(tmp_path / "mine.py")
    assert not {name for name in set(sys.modules) - before if "mine" in name}


def test_another_process_can_unpickle_what_the_file_defines(tmp_path: Path) -> None:
    """A worker gets what it is to do by pickle: the name of a function, and of its module."""
    path = tmp_path / "my.model-2.py"
    path.write_text("def double(x):\n    return 2 * x\n")
    double = load_file(path).double
    work = "import pickle, sys; print(pickle.loads(bytes.fromhex(sys.argv[1]))(21))"
    command = [sys.executable, "-c", work, pickle.dumps(double).hex()]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "42\n"
    without = {name: value for name, value in os.environ.items() if name != FILES}
    assert subprocess.run(command, check=False, capture_output=True, env=without).returncode == 1

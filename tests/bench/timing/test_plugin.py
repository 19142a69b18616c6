"""What a plug-in's author does: one line in a test file, one command to save a baseline, one to compare with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from fake_benchmark import FakeBenchmark

from bench.cli import main
from bench.timing.benchmarks import SIZES, recommender_benchmarks

README = (Path(__file__).parents[3] / "README.md").read_text()
QUICK = "import bench.timing.measuring as it\n\nit.BUDGET, it.FEWEST_ROUNDS = 0.0, 3\n"


def shown(name: str) -> str:
    """Return the file of a name as the README shows it."""
    found = re.search(rf"```python\n(# {re.escape(name)}.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with the README's two files, and measuring that takes seconds."""
    monkeypatch.chdir(tmp_path)
    for name in ("my_recommender.py", "test_my_recommender.py"):
        (tmp_path / name).write_text(shown(name))
    (tmp_path / "conftest.py").write_text(QUICK)
    (tmp_path / "test_other.py").write_text("def test_it():\n    raise AssertionError('no benchmark, never run')\n")
    return tmp_path


def test_a_baseline_is_saved_and_a_regression_caught(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Sorting twenty times more is more than any machine's noise."""
    assert main(["timing", ".", "--save", "--sessions", "1"]) == 0
    assert capfd.readouterr().out == "timing-baseline.json: 4 benchmarks, 1 session\n"
    source, once = folder / "my_recommender.py", "        return self\n"
    assert once in source.read_text()
    source.write_text(source.read_text().replace(once, f"        [np.sort(age) for _ in range(20)]\n{once}"))
    assert main(["timing", "test_my_recommender.py", "--format", "json"]) == 1
    found = {one["benchmark"]: one for one in json.loads(capfd.readouterr().out)["benchmarks"]}
    for size in SIZES:
        fit = found[f"test_my_recommender.py::test_timing[RecentPopularity-fit-{size}]"]
        # What was suspicious was measured again, twice.
        assert (fit["verdict"], fit["sessions"]) == ("slower", 3)
        assert f"test_my_recommender.py::test_timing[RecentPopularity-score-{size}]" in found


def test_neither_importing_bench_nor_the_command_loads_pytest() -> None:
    code = "import sys, bench, bench.commands.timing, bench.timing; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


class Mine:
    """Remembers what it was built with, and what was done with it."""

    done: ClassVar[list[tuple[str, int]]] = []

    def __init__(self, epochs: int = 1) -> None:
        self.epochs = epochs

    def fit(self, train: object, *, rng: object) -> Mine:
        self.done.append(("fit", self.epochs))
        return self

    def score(self, users: object, items: object) -> None:
        self.done.append(("score", self.epochs))


@pytest.mark.parametrize(("phase", "done"), [("fit", [("fit", 2)]), ("score", [("fit", 2), ("score", 2)])])
def test_parameters_are_the_constructors(phase: str, done: list[tuple[str, int]]) -> None:
    Mine.done.clear()
    recommender_benchmarks(Mine, epochs=2)(FakeBenchmark(disabled=True), Mine, phase, "100x200x2000")
    assert Mine.done == done

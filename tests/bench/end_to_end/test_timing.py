"""What a plug-in's author does: one line in a test file, one command to save a baseline, one to compare with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, ClassVar

import pytest
from fake_benchmark import FakeBenchmark
from markdown_pages import file_of

from bench.cli.main import main
from bench.timing.benchmarks import recommender_benchmarks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/bring-your-model.md"
SIZE = "100x200x2000"
PHASES = ("fit", "score")
FAKE_CLOCK = f"""
from bench.timing import benchmarks, clock, measuring

benchmarks.SIZES = ("{SIZE}",)
measuring.BUDGET, measuring.FEWEST_ROUNDS = 0.0, 3
now = 0.0


def work(seconds):
    global now
    now += seconds


def seconds():
    work(1.0)
    return now


clock.seconds = seconds
"""
"""A second passes with every reading, and what `work` says."""


def shown(name: str) -> str:
    """Return the file of a name as the documentation shows it."""
    return file_of(PAGE, name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with the documentation's two files, and a clock of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("my_recommender.py", "test_my_recommender.py"):
        (tmp_path / name).write_text(shown(name))
    (tmp_path / "fake_clock.py").write_text(FAKE_CLOCK)
    (tmp_path / "conftest.py").write_text("import fake_clock\n")
    (tmp_path / "test_other.py").write_text("def test_it():\n    raise AssertionError('no benchmark, never run')\n")
    return tmp_path


@pytest.mark.slow
def test_a_baseline_is_saved_and_a_regression_caught(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call takes a second, and then ``fit`` takes a third of one more.

    Sessions are as few, and load as little, as can be: what repeats do is tested with fabricated ones.
    """
    monkeypatch.setattr("bench.timing.gate.N_REPEATS", 0)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_benchmark.plugin,xdist.plugin")
    # In a worker of xdist nothing is timed, and the sessions are none.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert main(["timing", ".", "--save", "--sessions", "1"]) == 0
    assert capfd.readouterr().out.splitlines()[0] == "timing-baseline.json: 2 benchmarks, 1 session"
    source, once = folder / "my_recommender.py", "        return self\n"
    assert once in source.read_text()
    slower = source.read_text().replace(once, f"        fake_clock.work(1 / 3)\n{once}")
    source.write_text(f"import fake_clock\n{slower}")
    assert main(["timing", "test_my_recommender.py", "--format", "json"]) == 1
    found = {one["benchmark"]: one for one in json.loads(capfd.readouterr().out)["benchmarks"]}
    fit, score = (found[f"test_my_recommender.py::test_timing[RecentPopularity-{phase}-{SIZE}]"] for phase in PHASES)
    assert (fit["verdict"], fit["sessions"], fit["ratio"]) == ("slower", 1, pytest.approx(4 / 3, rel=1e-3))
    assert (score["verdict"], score["sessions"], score["ratio"]) == ("same", 1, 1.0)


REAL = """
import fake_clock
import pytest
from bench.timing import clock, measure, measuring
from bench.timing.reference_workloads import Reference

measuring.find_reference = lambda _: Reference("fake", lambda: fake_clock.work(0.005))
clock.seconds = lambda: fake_clock.now


@pytest.mark.benchmark(timer=clock.seconds)
@pytest.mark.parametrize("ms", [4, 40])
@pytest.mark.parametrize("fresh", [tuple, lambda: ()], ids=["shared", "fresh"])
def test_it(benchmark, ms, fresh):
    measure(benchmark, lambda: fake_clock.work(ms / 1000), fresh=fresh)
"""


@pytest.mark.slow
def test_the_figures_of_pytest_benchmark_are_of_one_call(folder: Path) -> None:
    """Its own report, which other programs read, says what a call takes, of however many calls a round consists."""
    (folder / "test_real.py").write_text(REAL)
    plugins = (
        "-p",
        "pytest_benchmark.plugin",
        "--benchmark-enable",
        "--benchmark-json=report.json",
        "--benchmark-histogram=drawn",
    )
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", "pytest", "-q", *plugins, "test_real.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "drawn.svg").exists()  # the extra timing brings what draws it
    report = json.loads((folder / "report.json").read_text())
    found = {one["params"]["ms"]: one["stats"] for one in report["benchmarks"]}
    assert {ms: stats["iterations"] for ms, stats in found.items()} == {4: 4, 40: 1}
    for ms, stats in found.items():
        for name in ("min", "max", "median", "mean"):
            assert stats[name] == pytest.approx(ms / 1000)


@pytest.mark.slow
def test_runs_are_stored_and_compared_as_pytest_benchmark_does(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_benchmark.plugin,xdist.plugin")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    (folder / "test_real.py").write_text(REAL)
    stored = ["--benchmark-autosave", "--benchmark-json", "report.json"]
    assert main(["timing", "test_real.py", "--save", "--sessions", "1", *stored]) == 0
    (file,) = folder.glob(".benchmarks/*/0001_*.json")
    names = [one["fullname"] for one in json.loads(file.read_text())["benchmarks"]]
    assert names == [one["fullname"] for one in json.loads((folder / "report.json").read_text())["benchmarks"]]
    capfd.readouterr()
    drawn = ["--benchmark-compare", "0001", "--benchmark-histogram", "drawn"]
    assert main(["timing", "test_real.py", *drawn]) == 0
    said = capfd.readouterr()
    assert said.out.startswith("timing of 4 benchmarks: 4 same")
    assert "(NOW)" in said.err
    assert "(0001_" in said.err
    assert (folder / "drawn.svg").exists()


def test_neither_importing_bench_nor_the_command_loads_pytest() -> None:
    code = "import sys, bench, bench.cli.commands.timing, bench.timing; print('pytest' in sys.modules)"
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
    recommender_benchmarks(Mine, epochs=2)(FakeBenchmark(disabled=True), Mine, phase, SIZE)
    assert Mine.done == done

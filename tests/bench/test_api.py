"""Python has a function for each command, and its options have the same names."""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from jobs_here import jobs_here

import bench
from bench.cli.main import make_parser
from bench.data import DataOptions

ROOT = Path(__file__).parents[2]
DATASET = "synthetic:60x80x900"

ELSEWHERE = {"new", "timing"}
"""Commands about projects and about the speed of code."""

ONLY_PRINTED = {"help", "format", "notes", "open", "dry_run", "new"}
"""Options of what is printed, opened or written as an example; in Python `bench.render` takes the format."""


def commands() -> dict[str, argparse.ArgumentParser]:
    (group,) = (action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(group.choices)


PYTHON_NAMES = {"list": "recommenders"}
"""`list` is a type of Python's."""


@pytest.mark.parametrize("command", sorted(set(commands()) - ELSEWHERE))
def test_every_option_of_a_command_is_one_of_the_function(command: str) -> None:
    function = getattr(bench, PYTHON_NAMES.get(command, command))
    of_python = set(inspect.signature(function).parameters)
    if "data" in of_python:
        of_python |= set(DataOptions.__annotations__)
    options = {action.dest for action in commands()[command]._actions} - (ONLY_PRINTED - {"format"})
    own_name = {"export": {"format": "form"}, "estimate": {"subject": "dataset"}}.get(command, {})
    of_the_command = {own_name.get(name, name) for name in options}
    assert of_the_command - (ONLY_PRINTED if command != "export" else set()) <= of_python


def test_importing_bench_imports_nothing_else() -> None:
    """Ctrl-C while the command line imports it would be a traceback."""
    code = "import sys; before = set(sys.modules); import bench; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["__future__", "bench"]


def test_listing_and_checking_from_python() -> None:
    assert bench.recommenders().loc["mlp_post", "parameters"].startswith("embedding_size=8, epochs=30")
    assert bench.recommenders()["by_default"][["ease", "slim"]].tolist() == [True, False]
    assert bench.datasets().loc["ml-1m", "interactions"] == 1_000_209
    checked = bench.check("popularity")
    assert checked.columns.tolist() == ["status", "message"]
    assert set(checked["status"]) == {"ok", "skip"}


def test_verifying_from_python(tmp_path: Path) -> None:
    with jobs_here():
        results = bench.run(DATASET, "popularity", negatives=20, threads=1, out=tmp_path / "out", quiet=True)
    for given in (results, tmp_path / "out", str(tmp_path / "out")):
        assert set(bench.verify(given)["status"]) == {"ok", "skip"}
    other = bench.verify(results, bench.Data("synthetic:60x80x800"))
    assert other.loc["task", "status"] == "fail"


def test_a_grid_from_python(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text("[ease]\nreg = [10, 1000]\n")
    with jobs_here():
        trials = bench.tune(DATASET, grid=tmp_path / "grid.toml", negatives=20, threads=1, out=tmp_path / "out")
    assert list(trials.frame["parameters"]) == ["reg=10", "reg=1000"]
    assert "<td>ease" in trials._repr_html_()
    assert repr(trials).splitlines()[2].split()[0] == "ease"
    assert (tmp_path / "out" / "tuned.toml").exists()


def test_an_unknown_function_says_what_there_is() -> None:
    with pytest.raises(
        AttributeError, match="it offers Data, Results, check, cite, collect, compare, datasets, doctor"
    ):
        _ = bench.fly

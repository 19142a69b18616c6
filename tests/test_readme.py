"""What the README shows is true: its plug-in works, its commands exist, its figures are the committed ones."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from jobs_here import jobs_here

from bench.cli.main import main, make_parser
from bench.records.store import Store
from bench.tables.results import render

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PLUGIN = re.search(r"```python\n(# my_recommender\.py.*?)```", README, re.DOTALL)


def test_the_plugin_has_some_twenty_lines_keeps_the_contract_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert PLUGIN is not None
    source = PLUGIN[1]
    assert len([line for line in source.splitlines() if line.strip()]) <= 20
    (tmp_path / "my_recommender.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    for command in ("check my_recommender.py", "run --dataset synthetic -r popularity --plugin my_recommender.py"):
        with jobs_here():
            assert main(shlex.split(command)) == 0, capsys.readouterr()
    assert "recent_popularity" in capsys.readouterr().out


def test_the_modules_run_as_they_stand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"my_model.py": "two_tower", "my_sequences.py": "gru4rec"}
    options = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--out", str(tmp_path / "results")]
    for file, name in names.items():
        source = re.search(rf"```python\n(# {file}.*?)```", README, re.DOTALL)
        assert source is not None
        (tmp_path / file).write_text(source[1])
        options += ["--plugin", str(tmp_path / file), "-r", f"{name}:epochs=1"]
    with jobs_here():
        assert main(["run", *options]) == 0
    printed = capsys.readouterr().out
    assert all(f"{name}:epochs=1" in printed for name in names.values())


@pytest.mark.parametrize("command", re.findall(r"^ {4}(?:\.venv/bin/)?recbench ([^#\n]+)", README, re.MULTILINE))
def test_every_command_is_one(command: str) -> None:
    make_parser().parse_args(shlex.split(command))


def test_the_accuracy_shown_is_that_of_the_committed_records() -> None:
    """Times are the machine's; hit rate and NDCG of the first training seed must be those in ``results/``."""
    first = [record for record in Store(ROOT / "results" / "ml-100k").records() if record.document["seed"] == 0]
    pattern = re.compile(r"^ *([\w.]+(?: †)?)  +(\.\d{4} ±\.\d{3})  +(\.\d{4} ±\.\d{3})  +(\.\d{4}) ", re.MULTILINE)
    shown = pattern.findall(README)
    assert len(shown) == len(first)
    assert shown == pattern.findall(render(first))

"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLUGIN, USE = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def recbench(*arguments: object, cwd: Path) -> str:
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_plugin_takes_twenty_lines() -> None:
    assert len([line for line in PLUGIN.splitlines() if line.strip()]) <= 20


def test_the_plugin_passes_its_checks_and_runs(tmp_path: Path) -> None:
    plugin = tmp_path / "my_recommender.py"
    plugin.write_text(PLUGIN)
    recbench("check", plugin, cwd=tmp_path)
    options = ("--dataset", "synthetic:200x120x4000", "--negatives", 50, "--out", tmp_path / "out")
    table = recbench("run", *options, "--recommender", "popularity", "--plugin", plugin, cwd=tmp_path)
    assert "recent_popularity" in table
    assert "popularity" in table


def test_the_three_lines_of_python(tmp_path: Path, monkeypatch) -> None:
    """With synthetic data in the place of MovieLens-100K, which may have to be fetched."""
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(USE.replace("ml-100k", "synthetic:200x120x4000"), names)
    assert names["frame"].index.tolist()[0].startswith("ease")
    assert set(names["frame"].index) == {"popularity", "ease:reg=500"}

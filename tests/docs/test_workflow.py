"""The workflow that guards timings in CI: its commands run in a repository like the one it is meant for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_pages import file_of

import bench.timing

PAGE = "bench/timing/README.md"
FILE = ".github/workflows/timing.yml"
GUARD = Path(bench.timing.__file__).with_name("guard.sh")

REPORTING = """#!/usr/bin/env bash
echo "$(basename "$0") $*" >> "$LOG"
"""
"""A program in place of ``pip``, ``python`` or ``recbench``: it writes down how it was called."""


@pytest.fixture
def workflow() -> dict[Any, Any]:
    """Return the workflow as YAML reads it; the key ``on`` is True there."""
    read: dict[Any, Any] = yaml.safe_load(file_of(PAGE, FILE))
    return read


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return what the step ``checkout`` leaves of a pull request: the change, and the branch that it goes to."""
    origin = tmp_path / "origin"
    (origin / "tests").mkdir(parents=True)
    git(origin, "init", "--quiet", "--initial-branch=main")
    (origin / "tests" / "test_timing.py").touch()
    shutil.copy(GUARD, origin)
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "base")
    git(tmp_path, "clone", "--quiet", str(origin), "checkout")
    git(tmp_path / "checkout", "commit", "--quiet", "--allow-empty", "--message", "change")
    return tmp_path / "checkout"


def test_it_runs_for_each_change_and_has_the_commit_before_it(workflow: dict[Any, Any]) -> None:
    assert workflow[True] == "pull_request"
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    actions = {step["uses"].split("@")[0]: step.get("with", {}) for step in job["steps"] if "uses" in step}
    assert actions["actions/checkout"]["fetch-depth"] == 0
    assert "actions/setup-python" in actions


def test_its_commands_install_the_change_and_measure_both_sides(
    workflow: dict[Any, Any], checkout: Path, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("pip", "python", "recbench"):
        (programs / name).write_text(REPORTING)
        (programs / name).chmod(0o755)
    log = tmp_path / "log"
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_BASE_REF": "main",
        "LOG": str(log),
    }
    (job,) = workflow["jobs"].values()
    for command in (step["run"] for step in job["steps"] if "run" in step):
        done = subprocess.run(
            ["bash", "-e", "-c", command], cwd=checkout, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    called = [line.split() for line in log.read_text().splitlines()]
    assert [words[:3] for words in called] == [
        ["pip", "install", "-e"],
        ["python", "-m", "pip"],
        ["recbench", "timing", "tests/test_timing.py"],
        ["python", "-m", "pip"],
        ["recbench", "timing", "tests/test_timing.py"],
    ]
    assert "--save" in called[2]
    assert "--save" not in called[4]

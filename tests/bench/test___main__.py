"""The start of the command: without our own packages, one line says which file is in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def started(*folders: Path) -> subprocess.CompletedProcess[str]:
    """Start ``recbench --version`` in a process that looks for packages in these folders, and then in ours."""
    path = os.pathsep.join(map(str, (*folders, ROOT)))
    code = "import sys; from bench.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, "--version"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_file_in_the_way_is_named_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "protocol.py").touch()
    done = started(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"recbench: error: {tmp_path / 'protocol.py'} is in the way: ")
    assert done.stderr.count("\n") == 1


def test_otherwise_the_command_runs() -> None:
    done = started()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("recbench ")


INTERRUPTED = """
import sys

class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == "{module}":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from bench.__main__ import main

sys.exit(main())
"""


@pytest.mark.parametrize("module", ["bench.machine.interrupting", "bench.cli.main"])
def test_a_signal_while_the_command_line_is_loaded_is_no_traceback(module: str) -> None:
    code = INTERRUPTED.format(module=module)
    done = subprocess.run([sys.executable, "-c", code, "list"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "recbench: stopped before it began\n")

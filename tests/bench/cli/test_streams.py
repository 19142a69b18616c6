"""What cannot be printed ends a command with exit code 2 and words, never with the interpreter's own 120."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

FULL = Path("/dev/full")

BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""An environment in which what is printed is held back, as it is by default."""

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


def ended(arguments: Sequence[str], *, both: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command whose standard output, or with it standard error, finds no room."""
    with FULL.open("w") as full:
        return subprocess.run(
            [sys.executable, "-m", "bench", *arguments],
            env=BUFFERED,
            stdout=full,
            stderr=full if both else subprocess.PIPE,
            text=True,
        )


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["--version"]])
def test_a_full_standard_output_is_an_error_in_words(arguments: list[str]) -> None:
    done = ended(arguments)
    assert done.returncode == 2
    assert re.fullmatch("recbench: error: (standard output: )?no space left on device\n", done.stderr, re.IGNORECASE)


def test_where_no_stream_has_room_the_exit_code_says_it() -> None:
    assert ended(["list"], both=True).returncode == 2
    assert ended(["table", "not there"], both=True).returncode == 2


def test_a_file_on_a_full_disk_is_an_error_in_words(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "bench", "list"],
            env=BUFFERED,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        )
    assert done.returncode == 2
    assert re.fullmatch("recbench: error: (standard output: )?file too large\n", done.stderr, re.IGNORECASE)

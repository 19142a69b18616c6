"""A process without standard streams: no pipe to a job gets their numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bench

WITHOUT_STREAMS = """
import os
from bench.running.supervisor import Supervisor
for number in (0, 1, 2):
    os.close(number)
Supervisor(None, None, None, None)
os._exit(0 if min(os.pipe()) > 2 else 7)
"""


def test_a_supervisor_keeps_the_numbers_of_the_standard_streams_from_its_pipes() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_STREAMS], check=False, cwd=Path(bench.__file__).parents[1])
    assert done.returncode == 0

"""How slow the machine is just now: what may take some seconds on a quiet machine may take longer on a busy one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import monotonic

QUIET_SECONDS = 0.4
"""What the honest command takes on a quiet machine; all limits of the campaign are for such a machine."""

_HONEST = (sys.executable, "-c", "import numpy, bench.cli.main as main; main.make_parser()")
_ROOT = Path(__file__).parents[2]


def pace() -> float:
    """Run a command that only starts recbench; return how many times longer it took than on a quiet machine, or 1."""
    started = monotonic()
    subprocess.run(_HONEST, cwd=_ROOT, check=True, stdout=subprocess.DEVNULL)
    return max(1.0, (monotonic() - started) / QUIET_SECONDS)


class Deadline:
    """Some seconds of a quiet machine from now on; only when they have passed is it asked how busy the machine is."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._pace, self._started = seconds, 1.0, monotonic()

    def __str__(self) -> str:
        return f"{self._seconds:.1f} s" + (f" (on a machine {self._pace:.1f} times slower)" if self._pace > 1 else "")

    def is_over(self) -> bool:
        """Return whether they have passed, also by the slowest that the machine was found to be."""
        while self._passed() > self._seconds * self._pace:
            slower = pace()
            if slower <= self._pace:
                return True
            self._pace = slower
        return False

    def _passed(self) -> float:
        return monotonic() - self._started

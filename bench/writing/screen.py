"""Standard output: whether it shows bold type, and how wide it is."""

from __future__ import annotations

import os
import shutil
import sys


def is_styled() -> bool:
    """Return whether standard output shows bold type (https://no-color.org, and dumb terminals)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def screen_width() -> int | None:
    """Return the columns of the terminal that standard output is; None where it is none, or its width is unknown."""
    return shutil.get_terminal_size((0, 0)).columns or None if sys.stdout.isatty() else None

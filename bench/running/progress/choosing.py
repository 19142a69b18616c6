"""Choose the progress that suits standard error."""

from __future__ import annotations

import os
import sys

from bench.running.progress.listening import Progress, Silence
from bench.running.progress.plain_lines import PlainLines


def make_progress(timeout: float | None = None, *, quiet: bool = False) -> Progress:
    """Return the live view for a terminal, and plain lines for everything else: a file, a notebook, a log of CI.

    Parameters
    ----------
    timeout
        Seconds after which a job is stopped, for the live view; None where that is not known.
    quiet
        Whether nothing is to be shown.
    """
    if quiet:
        return Silence()
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb" or os.environ.get("CI"):
        return PlainLines(lambda line: print(line, file=sys.stderr, flush=True))
    from rich.console import Console

    from bench.running.progress.live_view import LiveView

    return LiveView(Console(stderr=True), timeout)

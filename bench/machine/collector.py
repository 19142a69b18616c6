"""Python's garbage collector rests while a job imports its libraries: they make many objects and hardly any garbage."""

from __future__ import annotations

import gc

REST = "import gc; gc.disable()"
"""Python's statements with which a process begins whose collector is to rest until `wake`."""


def wake() -> None:
    """Let the collector work from now on, if it rests.

    It never looks at what is there now. Otherwise its first round would look at all of it, in the time of a fit.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

"""A worker introduces itself: who it is, which code it has, what machine it is on.

A worker may have another recbench, or none. So it gets this file as text and runs it: its first lines need Python's
library alone.
"""

from __future__ import annotations

import json
import os
import platform
import socket
from importlib import metadata


def introduction() -> str:
    """Return in JSON who this process is (see `bench.running.places.dask_member.Introduction`)."""
    about: dict[str, object] = {
        "host": socket.gethostname(),
        "process": process_name(),
        "python": platform.python_version(),
        "recbench": None,
    }
    try:
        about["recbench"] = metadata.version("recbench")
        from msgspec import to_builtins

        from bench.machine.environment import describe_environment
        from bench.running.travel.identity import identity

        # The code may have changed since this process first looked, and its jobs would run the new one.
        identity.cache_clear()
        about |= {"identity": to_builtins(identity()), "environment": describe_environment()}
    except Exception as error:  # noqa: BLE001 - the driver says what is wrong with this worker
        about["problem"] = f"{type(error).__name__}: {error}"
    return json.dumps(about)


def process_name() -> str:
    """Return a name that no other process of this machine has, or had."""
    import psutil

    return f"{os.getpid()}, since {psutil.Process().create_time()}"

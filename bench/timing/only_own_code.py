"""A pytest plug-in: a session that imports code from a folder that it must not import from, fails.

`guard.sh` measures two versions of a project. If a session of one imported the code of the other, both times would be
of the same code.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

VARIABLE = "RECBENCH_TIMING_NOT_FROM"
"""The environment variable with the folder."""


def pytest_sessionfinish() -> None:
    """End pytest with an error if a module that is loaded lies in the folder."""
    folder = os.environ.get(VARIABLE)
    found = _first_module_in(Path(folder)) if folder else None
    if found is not None:
        # By name, so that types can be checked where pytest is not installed.
        pytest: Any = importlib.import_module("pytest")
        pytest.exit(
            f"the benchmarks in {Path.cwd()} imported {found}, the code of the other version; let the variable INSTALL "
            "hold a command that installs the version of the current folder",
            returncode=2,
        )


def _first_module_in(folder: Path) -> Path | None:
    """Return the file of a loaded module in a folder; what is installed in an environment in it does not count."""
    folder = folder.resolve()
    environments = [Path(prefix).resolve() for prefix in {sys.prefix, sys.base_prefix}]
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not file:
            continue
        path = Path(file).resolve()
        if path.is_relative_to(folder) and not any(path.is_relative_to(one) for one in environments):
            return path
    return None

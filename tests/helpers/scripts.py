"""The scripts of ``results/`` as modules: they belong to no package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

RESULTS = Path(__file__).parents[2] / "results"


def load_script(place: str) -> ModuleType:
    """Return a script as a module, a new one with each call.

    Parameters
    ----------
    place
        Its path below ``results``.
    """
    path = RESULTS / place
    name = f"results_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up there.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module

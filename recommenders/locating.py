"""Where the source of a module is; found without running anything of it."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def find_module(name: str, folder: str = "") -> ModuleSpec | None:
    """Return where a module is; None where there is none.

    Unlike `importlib.util.find_spec` it imports no package that the module is in.

    Parameters
    ----------
    name
        ``package.module``.
    folder
        Where to look, too, for what is not on the path.
    """
    top, *inner = name.split(".")
    spec = _on_path(top) or (PathFinder.find_spec(top, [folder]) if folder else None)
    for depth in range(len(inner)):
        if spec is None or spec.submodule_search_locations is None:
            return None
        within = ".".join((top, *inner[: depth + 1]))
        spec = PathFinder.find_spec(within, list(spec.submodule_search_locations))
    return spec


def module_file(name: str, folder: str = "") -> Path | None:
    """Return the Python file of a module; None where there is none, such as for compiled modules."""
    spec = find_module(name, folder)
    is_source = spec is not None and spec.origin is not None and spec.origin.endswith(".py")
    return Path(spec.origin) if is_source and spec and spec.origin else None


def root_of(spec: ModuleSpec) -> Path | None:
    """Return the folder in which a top-level module or package lies; None where it lies in none."""
    locations = list(spec.submodule_search_locations or ())
    place = locations[0] if locations else spec.origin if spec.has_location else None
    return Path(place).resolve().parent if place else None


def _on_path(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        # A module without a spec is none that could be imported again, such as __main__.
        return None

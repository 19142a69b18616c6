"""Where the source of a module is; found without running anything of it."""

from __future__ import annotations

import importlib.util
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    spec = _on_path(top) or (_within(top, [folder]) if folder else None)
    for depth in range(len(inner)):
        if spec is None or spec.submodule_search_locations is None:
            return None
        within = ".".join((top, *inner[: depth + 1]))
        spec = _within(within, spec.submodule_search_locations)
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


def _within(name: str, folders: Iterable[str]) -> ModuleSpec | None:
    """Return a module that lies in one of some folders, or the folders that make it a namespace package.

    `importlib.machinery.PathFinder` would want the package that it is in to be imported.
    """
    portions: list[str] = []
    for folder in folders:
        spec = FileFinder(
            folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (SourceFileLoader, SOURCE_SUFFIXES)
        ).find_spec(name)
        if spec is not None and spec.loader is not None:
            return spec
        portions += (spec.submodule_search_locations or []) if spec else []
    if not portions:
        return None
    namespace = ModuleSpec(name, None, is_package=True)
    namespace.submodule_search_locations = portions
    return namespace
